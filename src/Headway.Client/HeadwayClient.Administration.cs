using System.Globalization;
using System.Runtime.CompilerServices;

namespace Headway.Client;

/// <content>What operators, auditors and admins ask.</content>
public sealed partial class HeadwayClient
{
    /// <summary>Audit events of every job of the tenant, newest first, page by page as they are read. That they were looked at is itself an event.</summary>
    public async IAsyncEnumerable<AuditRecord> SearchAuditAsync(AuditQuery? query = null, [EnumeratorCancellation] CancellationToken stop = default)
    {
        string? cursor = null;
        do
        {
            var page = await GetAsync("v1/admin/audit" + (query ?? new AuditQuery()).ToQueryString(cursor), HeadwayJson.Wire.AuditPageRecord, stop).ConfigureAwait(false);
            foreach (var one in page.Events) yield return one;
            cursor = page.Next;
        }
        while (cursor is not null);
    }

    /// <summary>Who has seen what of a subject.</summary>
    public Task<DisclosureListRecord> DisclosuresAsync(string subject, DateTimeOffset? since = null, DateTimeOffset? until = null, CancellationToken stop = default)
        => GetAsync("v1/admin/audit/disclosures" + new AuditQuery { Subject = subject, Since = since, Until = until }.ToQueryString(), HeadwayJson.Wire.DisclosureListRecord, stop);

    /// <summary>Proves the whole audit chain of the server's database, which takes some seconds for each million events.</summary>
    /// <param name="checkpoints">Checkpoints that were kept outside, a line of JSON each, in the order of their links, at most 5000. Default: those of the database alone.</param>
    public async Task<AuditProofRecord> VerifyAuditAsync(string? checkpoints = null, CancellationToken stop = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/admin/audit/verify");
        if (checkpoints is not null) request.Content = new StringContent(checkpoints, System.Text.Encoding.UTF8, "application/x-ndjson");
        return await SendAsync(request, HeadwayJson.Wire.AuditProofRecord, stop).ConfigureAwait(false);
    }

    /// <summary>The key that checkpoints are signed with.</summary>
    public Task<AuditKeyRecord> AuditKeyAsync(CancellationToken stop = default) => GetAsync("v1/admin/audit/key", HeadwayJson.Wire.AuditKeyRecord, stop);

    /// <summary>The tenant's audit events as lines of JSON, each with its place in the chain, and at the end a signed checkpoint that proves them.</summary>
    public async Task ExportAuditAsync(Stream to, DateTimeOffset? since = null, DateTimeOffset? until = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(to);
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/admin/audit/export" + new AuditQuery { Since = since, Until = until }.ToQueryString());
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode) throw await HeadwayException.FromAsync(answer, stop).ConfigureAwait(false);
        await answer.Content.CopyToAsync(to, stop).ConfigureAwait(false);
    }

    /// <summary>What endpoints were told of a job's end, and each try.</summary>
    public async Task<IReadOnlyList<DeliveryRecord>> DeliveriesAsync(string job, CancellationToken stop = default)
        => (await GetAsync(Address(job) + "/deliveries", HeadwayJson.Wire.DeliveryListRecord, stop).ConfigureAwait(false)).Deliveries;

    /// <summary>Sends a delivery again, whatever became of it; the receiver sees the same `webhook-id`.</summary>
    public Task<DeliveryRecord> ReplayDeliveryAsync(string delivery, CancellationToken stop = default)
        => PostAsync($"v1/deliveries/{Uri.EscapeDataString(delivery)}/replay", HeadwayJson.Wire.DeliveryRecord, stop);

    /// <summary>The receivers of webhooks: how each is, and what waits for it.</summary>
    public async Task<IReadOnlyList<EndpointRecord>> EndpointsAsync(CancellationToken stop = default)
        => (await GetAsync("v1/endpoints", HeadwayJson.Wire.EndpointListRecord, stop).ConfigureAwait(false)).Endpoints;

    /// <summary>Sends an event of the type `test` to an endpoint, once, and tells what became of it.</summary>
    public Task<DeliveryRecord> TestEndpointAsync(string endpoint, CancellationToken stop = default)
        => PostAsync(EndpointAddress(endpoint) + "/test", HeadwayJson.Wire.DeliveryRecord, stop);

    /// <summary>Lets an endpoint have what waits for it, whatever it answered before.</summary>
    public Task<EndpointRecord> EnableEndpointAsync(string endpoint, CancellationToken stop = default)
        => PostAsync(EndpointAddress(endpoint) + "/enable", HeadwayJson.Wire.EndpointRecord, stop);

    /// <summary>Sends again what was given up for an endpoint.</summary>
    /// <param name="since">Of jobs that ended at or after this time.</param>
    public Task<RecoveryRecord> RecoverEndpointAsync(string endpoint, DateTimeOffset since, CancellationToken stop = default)
        => PostAsync(EndpointAddress(endpoint) + "/recover", new System.Text.Json.Nodes.JsonObject { ["since"] = since.UtcDateTime.ToString(WireTime.Format, CultureInfo.InvariantCulture) }, null, HeadwayJson.Wire.RecoveryRecord, stop);

    /// <summary>What was promised and is not so; newest first.</summary>
    /// <param name="kind">One kind of gap. Default: all.</param>
    /// <param name="all">Also those that are over. Default: only those that are there.</param>
    /// <param name="cursor">`Next` of the page before.</param>
    public Task<GapListRecord> GapsAsync(string? kind = null, bool all = false, string? cursor = null, CancellationToken stop = default)
        => GetAsync($"v1/admin/gaps?all={(all ? "true" : "false")}{(kind is null ? "" : "&kind=" + Uri.EscapeDataString(kind))}{(cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}", HeadwayJson.Wire.GapListRecord, stop);

    /// <summary>What operators are told of; newest first. Takes a key of all tenants.</summary>
    /// <param name="state">`open`, `acknowledged`, `over` or `all`. Default: those that are there, open or acknowledged.</param>
    /// <param name="kind">One kind of alert. Default: all.</param>
    /// <param name="cursor">`Next` of the page before.</param>
    public Task<AlertListRecord> AlertsAsync(string? state = null, string? kind = null, string? cursor = null, CancellationToken stop = default)
    {
        var asked = new[] { ("state", state), ("kind", kind), ("cursor", cursor) }.Where(one => one.Item2 is not null).Select(one => $"{one.Item1}={Uri.EscapeDataString(one.Item2!)}").ToList();
        return GetAsync("v1/admin/alerts" + (asked.Count == 0 ? "" : "?" + string.Join('&', asked)), HeadwayJson.Wire.AlertListRecord, stop);
    }

    /// <summary>One alert.</summary>
    public Task<AlertRecord> AlertAsync(string alert, CancellationToken stop = default) => GetAsync($"v1/admin/alerts/{Uri.EscapeDataString(alert)}", HeadwayJson.Wire.AlertRecord, stop);

    /// <summary>Says that somebody looks after an alert: from then on it is quiet, unless it gets much worse.</summary>
    /// <param name="note">For other operators, at most 500 characters. Default: none.</param>
    public Task<AlertRecord> AcknowledgeAlertAsync(string alert, string? note = null, CancellationToken stop = default)
    {
        var body = new System.Text.Json.Nodes.JsonObject();
        if (note is not null) body["note"] = note;
        return PostAsync($"v1/admin/alerts/{Uri.EscapeDataString(alert)}/acknowledge", body, null, HeadwayJson.Wire.AlertRecord, stop);
    }

    /// <summary>Subjects under a legal hold.</summary>
    public Task<HoldListRecord> HoldsAsync(CancellationToken stop = default) => GetAsync("v1/admin/holds", HeadwayJson.Wire.HoldListRecord, stop);

    /// <summary>Puts a subject under a legal hold: nothing of it goes until it is released. Gives all holds.</summary>
    public Task<HoldListRecord> HoldSubjectAsync(string subject, string reason, CancellationToken stop = default)
        => PostAsync("v1/admin/holds", new System.Text.Json.Nodes.JsonObject { ["subject"] = subject, ["reason"] = reason }, null, HeadwayJson.Wire.HoldListRecord, stop);

    /// <summary>Releases a subject from its hold. Gives the holds that are left.</summary>
    public Task<HoldListRecord> ReleaseSubjectAsync(string subject, CancellationToken stop = default)
        => PostAsync("v1/admin/holds/release", new System.Text.Json.Nodes.JsonObject { ["subject"] = subject }, null, HeadwayJson.Wire.HoldListRecord, stop);

    /// <summary>Takes away everything that is kept about a subject and destroys its keys. There is no way back.</summary>
    public Task<ErasureRecord> EraseSubjectAsync(string subject, CancellationToken stop = default)
        => PostAsync("v1/admin/subjects/erase", new System.Text.Json.Nodes.JsonObject { ["subject"] = subject }, null, HeadwayJson.Wire.ErasureRecord, stop);

    /// <summary>Keys, the newest first; those of the caller's tenant, or of all where its key is of all.</summary>
    /// <param name="all">Also those that were revoked or have expired.</param>
    public async Task<IReadOnlyList<KeyRecord>> KeysAsync(bool all = false, CancellationToken stop = default)
        => (await GetAsync("v1/admin/keys" + (all ? "?all=true" : ""), HeadwayJson.Wire.KeyListRecord, stop).ConfigureAwait(false)).Keys;

    /// <summary>Makes a key; its text is told this once.</summary>
    public Task<KeyRecord> CreateKeyAsync(KeyWishRecord wish, CancellationToken stop = default) => SendJsonAsync("v1/admin/keys", wish, HeadwayJson.Wire.KeyWishRecord, HeadwayJson.Wire.KeyRecord, stop);

    /// <summary>Gives a key a new text, which is told this once; the one before it is good for a while longer.</summary>
    /// <param name="overlap">For so long, at most 30 days. Default: a day.</param>
    public Task<KeyRecord> RotateKeyAsync(string id, TimeSpan? overlap = null, CancellationToken stop = default)
        => SendJsonAsync($"v1/admin/keys/{Uri.EscapeDataString(id)}/rotate", overlap is { } span ? new KeyRotationRecord(span.TotalSeconds) : new KeyRotationRecord(), HeadwayJson.Wire.KeyRotationRecord, HeadwayJson.Wire.KeyRecord, stop);

    /// <summary>Ends a key for good, on all nodes within seconds.</summary>
    public Task<KeyRecord> RevokeKeyAsync(string id, CancellationToken stop = default) => PostAsync($"v1/admin/keys/{Uri.EscapeDataString(id)}/revoke", HeadwayJson.Wire.KeyRecord, stop);

    /// <summary>Who calls which version of a feature.</summary>
    /// <param name="feature">Default: of all.</param>
    public Task<ConsumerListRecord> ConsumersAsync(string? feature = null, CancellationToken stop = default)
        => GetAsync("v1/admin/consumers" + (feature is null ? "" : "?feature=" + Uri.EscapeDataString(feature)), HeadwayJson.Wire.ConsumerListRecord, stop);
}
