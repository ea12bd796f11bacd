using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Headway.Caching;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Payloads;
using Headway.Storage;

namespace Headway.Jobs.Accepting;

/// <summary>Makes a call ready to be written: numbers registered, keys durable, payload sealed. Nothing of it is a promise yet.</summary>
internal sealed class Preparation(Database database, Versions versions, Vault vault, Reservations reservations)
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
            call.Subject is null ? null : vault.SubjectMac(tenant, call.Subject));
        var job = new NewJob
        {
            Origin = origin,
            Pool = registered.Pool,
            Mode = call.Feature.Contract.Mode,
            Priority = call.Priority,
            Created = now,
            Arrived = (at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond,
            Due = call.StartAt?.ToUnixTimeMilliseconds(),
            Deadline = call.Deadline?.ToUnixTimeMilliseconds(),
            DeliverBy = Endings.Add(now, call.Feature.Contract.DeliverWithin),
            TraceParent = call.TraceParent,
            About = AboutOf(call, key, id),
            Searchable = SearchableOf(call),
            Endpoint = call.Endpoint,
            Input = withInput || call.Input.Request is not null ? key.Seal(PayloadKind.Input, id, StoredInput.BytesOf(call.Input).Span) : null,
            InputType = StoredInput.TypeOf(call.Input),
            Reservation = reservations.For(call),
            CacheInput = CacheInputOf(call),
            // An answer that is as new as the caller wishes now may be older when the job's turn comes.
            MadeAnew = call.Cache.NoCache || call.Cache.MaxAge is not null,
            Idempotency = call.IdempotencyKey is { } text ? Claim(call, text, now) : null,
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
        var found = metadata.RootElement.EnumerateObject().Where(property => call.Feature.SearchableMetadata.Contains(property.Name)).ToList();
        return found.Count == 0 ? null : $"{{{string.Join(',', found.Select(property => $"{JsonSerializer.Serialize(property.Name)}:{property.Value.GetRawText()}"))}}}";
    }

    private IdempotencyClaim Claim(Call call, string key, long now)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(call.Input.MediaType));
        hash.AppendData(call.Input.Json.Span);
        if (call.Input.Request is { } request) hash.AppendData(request.Span);
        foreach (var file in call.Input.Files) hash.AppendData(file.Sha256);
        return new IdempotencyClaim(
            vault.Mac(call.Caller.Tenant, "idempotency key", Encoding.UTF8.GetBytes(key)),
            vault.Mac(call.Caller.Tenant, "payload fingerprint", hash.GetHashAndReset()),
            now + (long)IdempotencyKept.TotalMilliseconds);
    }
}

/// <summary>A call, ready to be accepted.</summary>
internal sealed record Prepared(RegisteredVersion Registered, NewJob Job, Work Work);
