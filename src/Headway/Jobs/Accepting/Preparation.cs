using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Headway.Caching;
using Headway.Features;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Payloads;
using Headway.Storage;

namespace Headway.Jobs.Accepting;

/// <summary>Makes a call ready to be written: numbers registered, keys durable, payload sealed. Nothing of it is a promise yet.</summary>
internal sealed class Preparation(Database database, Versions versions, Vault vault, Reservations reservations, TenantTerms tenants)
{
    // Clients retry within minutes; a day covers those that retry over night.
    private static readonly TimeSpan IdempotencyKept = TimeSpan.FromHours(24);

    /// <param name="withInput">Whether the input is stored: always, but for sync calls that nobody can ask about later. One that was made from a request is, for that.</param>
    public async ValueTask<Prepared> PrepareAsync(Call call, bool withInput, CancellationToken stop)
    {
        var registered = await versions.RegisterAsync(call.Feature).ConfigureAwait(false);
        var tenant = call.Caller.Tenant;
        var key = await vault.KeyAsync(tenant, call.Subject, stop).ConfigureAwait(false);
        var at = database.Time.GetUtcNow();
        var now = at.ToUnixTimeMilliseconds();
        var id = call.Job ?? JobId.New(at);
        var origin = new JobOrigin(
            id, tenant, call.Caller.Actor, call.Caller.Address, registered.Definition, call.Feature.Contract.Data,
            call.Subject is null ? null : vault.SubjectMac(tenant, call.Subject))
        { Endpoints = Outbox.Of(call.Feature, call.Endpoint) };
        var job = new NewJob
        {
            Origin = origin,
            Pool = registered.Pool,
            Mode = call.Feature.Contract.Mode,
            Priority = call.Priority,
            Created = now,
            Charge = call.Feature.Contract.Mode is Mode.Async or Mode.Hybrid && call.StartAt is null && call.Debounce is null ? Turns.Charge(tenants.WeightOf(tenant)) : 0,
            Gate = call.Feature.Contract.Mode is Mode.Async or Mode.Hybrid ? tenants.GateOf(tenant) : null,
            Pulled = call.Feature.Handler is WorkerDefinition ? tenant : null,
            Due = call.Debounce is { } pause ? Endings.Add(now, pause.For) : call.StartAt?.ToUnixTimeMilliseconds(),
            Deadline = call.Deadline?.ToUnixTimeMilliseconds(),
            DeliverBy = Endings.Add(now, call.Feature.Contract.DeliverWithin),
            TraceParent = call.TraceParent,
            Key = call.Subject is null ? null : key.Id,
            About = AboutOf(call, key, id),
            Searchable = SearchableOf(call),
            Input = withInput || call.Input.Request is not null ? key.Seal(PayloadKind.Input, id, StoredInput.BytesOf(call.Input).Span) : null,
            InputType = StoredInput.TypeOf(call.Input),
            Reservation = reservations.For(call),
            CacheInput = CacheInputOf(call),
            // An answer that is as new as the caller wishes now may be older when the job's turn comes.
            MadeAnew = call.Cache.NoCache || call.Cache.MaxAge is not null,
            Hold = HoldOf(call, registered.Scope, key, now),
            Idempotency = call.IdempotencyKey is { } text ? Claim(call, registered.Scope, text, now) : null,
        };
        return new Prepared(registered, job, WorkOf(call, job, key));
    }

    private byte[]? CacheInputOf(Call call) => call.Feature.Cache is null || call.Cache.NoStore
        ? null
        : CacheKey.OfInput(vault, call.Caller.Tenant, call.Feature.DefinitionHash, call.Subject, call.Input.MediaType, call.Input.Json, call.Input.Files);

    private static Work WorkOf(Call call, NewJob job, DataKey key) => new()
    {
        Origin = job.Origin,
        Version = call.Feature,
        Mode = call.Feature.Contract.Mode,
        Input = call.Input,
        Key = key,
        Subject = call.Subject,
        TraceParent = call.TraceParent,
        Deadline = call.Deadline,
        Created = job.Created,
        CacheInput = job.CacheInput,
        MadeAnew = job.MadeAnew,
    };

    private static byte[]? AboutOf(Call call, DataKey key, JobId id) => call.Subject is null && call.Metadata is null
        ? null
        : key.Seal(PayloadKind.About, id, JsonSerializer.SerializeToUtf8Bytes(new About(call.Subject, call.Metadata), OutputJson.Default.About));

    private static string? SearchableOf(Call call)
    {
        if (call.Metadata is null || call.Feature.SearchableMetadata.Count == 0) return null;
        using var metadata = JsonDocument.Parse(call.Metadata);
        var found = metadata.RootElement.EnumerateObject().Where(property => IsSearchable(property, call.Feature.SearchableMetadata)).ToList();
        return found.Count == 0 ? null : $"{{{string.Join(',', found.Select(property => $"{JsonSerializer.Serialize(property.Name)}:{property.Value.GetRawText()}"))}}}";
    }

    // A zero or half of a pair is nothing that every database can look for, and one such job must not spoil the search among all others.
    private static bool IsSearchable(JsonProperty property, IReadOnlyCollection<string> searchable)
    {
        try
        {
            return searchable.Contains(property.Name) && HasNoZero(property.Value);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static bool HasNoZero(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => !value.GetString()!.Contains('\0', StringComparison.Ordinal),
        JsonValueKind.Array => value.EnumerateArray().All(HasNoZero),
        JsonValueKind.Object => value.EnumerateObject().All(property => !property.Name.Contains('\0', StringComparison.Ordinal) && HasNoZero(property.Value)),
        _ => true,
    };

    private HeldKey? HoldOf(Call call, long scope, DataKey key, long now)
    {
        if (call.Unique is null && call.Debounce is null) return null;
        var text = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{scope}/{call.Unique?.Key ?? call.Debounce!.Key}");
        var mac = vault.Mac(call.Caller.Tenant, call.Unique is null ? "debounce key" : "unique key", Encoding.UTF8.GetBytes(text));
        return new HeldKey(mac)
        {
            LatestStart = call.Debounce is { } pause ? Endings.Add(now, pause.Most) : null,
            // Beside the idempotency keys of the same scope, under a MAC that none of them can have.
            Window = call.Unique?.For is { } window ? new IdempotencyClaim(scope, mac, mac, now + (long)window.TotalMilliseconds) : null,
            SealedFor = id => (key.Seal(PayloadKind.Input, id, StoredInput.BytesOf(call.Input).Span), AboutOf(call, key, id)),
        };
    }

    private IdempotencyClaim Claim(Call call, long scope, string key, long now)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(call.Input.MediaType));
        hash.AppendData((call.Input.Said ?? call.Input.Json).Span);
        foreach (var file in call.Input.Files) hash.AppendData(file.Sha256);
        return new IdempotencyClaim(
            scope,
            vault.Mac(call.Caller.Tenant, "idempotency key", Encoding.UTF8.GetBytes(key)),
            vault.Mac(call.Caller.Tenant, "payload fingerprint", hash.GetHashAndReset()),
            now + (long)IdempotencyKept.TotalMilliseconds);
    }
}

/// <summary>A call, ready to be accepted.</summary>
internal sealed record Prepared(RegisteredVersion Registered, NewJob Job, Work Work);
