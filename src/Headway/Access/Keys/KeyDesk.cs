using System.Collections.Frozen;
using System.Text;
using Headway.Audit;
using Headway.Storage;

namespace Headway.Access;

/// <summary>Makes keys, rotates and revokes them. Who asks sees the keys of its tenant, or all.</summary>
/// <param name="hasIssuer">Somebody may come with a token, and so make keys without having one.</param>
internal sealed class KeyDesk(Database database, KeyRing ring, KeyMac mac, Func<bool> hasIssuer)
{
    /// <summary>The key, and its text, which is told this once.</summary>
    public async Task<(KeyRefusal Refusal, ApiKey? Key, string? Text)> CreateAsync(Caller by, KeyWish wish)
    {
        var now = database.Time.GetUtcNow();
        var id = KeyText.NewId();
        var text = KeyText.New(id);
        var key = new ApiKey
        {
            Id = id,
            Tenant = wish.Tenant,
            Everywhere = wish.Everywhere,
            Name = wish.Name,
            Roles = wish.Roles,
            Features = wish.Features?.ToFrozenSet(StringComparer.Ordinal),
            MostPriority = wish.MostPriority,
            RequestsPerMinute = wish.RequestsPerMinute,
            Mac = MacOf(text),
            Created = now,
            Creator = by.Actor,
            Expires = wish.Expires,
        };
        var refusal = await DoAsync(new CreateKey(key, hasIssuer(), Told(by, AuditActions.KeyCreated, key.Tenant, id, now), now)).ConfigureAwait(false);
        return refusal is KeyRefusal.None ? (refusal, key, text) : (refusal, null, null);
    }

    /// <summary>Newest first.</summary>
    /// <param name="over">Also those that were revoked or have expired.</param>
    public async Task<IReadOnlyList<ApiKey>> ListAsync(Caller by, bool over)
    {
        await ring.NoteUsesAsync().ConfigureAwait(false);
        var (now, all) = (database.Time.GetUtcNow(), await database.ReadAsync(KeyTable.ReadAsync).ConfigureAwait(false));
        return [.. all.Where(key => (by.Everywhere || (key.Tenant == by.Tenant && !key.Everywhere)) && (over || !key.IsOver(now))).OrderByDescending(key => key.Created)];
    }

    /// <summary>A new text for the same key; the one before it is good for a while longer.</summary>
    public async Task<(KeyRefusal Refusal, ApiKey? Key, string? Text)> RotateAsync(Caller by, string id, TimeSpan overlap)
    {
        if (!KeyText.IsId(id)) return (KeyRefusal.Unknown, null, null);
        var now = database.Time.GetUtcNow();
        var text = KeyText.New(id);
        var refusal = await DoAsync(new RotateKey(id, TenantOf(by), MacOf(text), now + overlap, Told(by, AuditActions.KeyRotated, null, id, now), now)).ConfigureAwait(false);
        return refusal is KeyRefusal.None ? (refusal, Find(id), text) : (refusal, null, null);
    }

    /// <summary>Ends a key for good: here at once, on other nodes within seconds.</summary>
    public async Task<(KeyRefusal Refusal, ApiKey? Key)> RevokeAsync(Caller by, string id)
    {
        var now = database.Time.GetUtcNow();
        var refusal = await DoAsync(new RevokeKey(id, TenantOf(by), hasIssuer(), Told(by, AuditActions.KeyRevoked, null, id, now), now)).ConfigureAwait(false);
        return (refusal, refusal is KeyRefusal.None ? Find(id) : null);
    }

    private async Task<KeyRefusal> DoAsync(ChangeKeys change)
    {
        var refusal = await database.WriteAsync(change).ConfigureAwait(false);
        if (refusal is KeyRefusal.None) await ring.ReloadAsync().ConfigureAwait(false);
        return refusal;
    }

    private ApiKey? Find(string id) => ring.All.FirstOrDefault(key => key.Id == id);

    private byte[] MacOf(string text) => mac(Encoding.ASCII.GetBytes(text));

    private static string? TenantOf(Caller by) => by.Everywhere ? null : by.Tenant;

    // There is no job: the event has an id of its own.
    private AuditEvent Told(Caller by, string action, string? tenant, string id, DateTimeOffset now) => new()
    {
        Action = action,
        Job = JobId.New(now),
        Tenant = tenant ?? Find(id)?.Tenant ?? by.Tenant,
        Actor = by.Actor,
        Address = by.Address,
        Purpose = id,
    };
}
