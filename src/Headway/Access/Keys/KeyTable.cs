using System.Collections.Frozen;
using Headway.Audit;
using Headway.Storage;

namespace Headway.Access;

/// <summary>Keys as they lie in the database.</summary>
internal static class KeyTable
{
    private static readonly Sql ReadAll = Sql.At("Access/Keys/ReadKeys");
    private static readonly Sql ReadChanges = Sql.At("Access/Keys/ReadChanges");

    /// <summary>What whoever changes a key decides about.</summary>
    public static Claim All => new("api keys", "all", OnEveryNode: true);

    /// <summary>Rises with each change.</summary>
    public static async ValueTask<long> ChangesAsync(Session session)
    {
        using var read = session.Use(ReadChanges);
        return await read.StepAsync().ConfigureAwait(false) ? read.Int64(0) : 0;
    }

    public static async ValueTask<List<ApiKey>> ReadAsync(Session session)
    {
        var keys = new List<ApiKey>();
        using var read = session.Use(ReadAll);
        while (await read.StepAsync().ConfigureAwait(false)) keys.Add(KeyOf(read));
        return keys;
    }

    private static ApiKey KeyOf(Statement row) => new()
    {
        Id = row.Text(0)!,
        Tenant = row.Text(1)!,
        Everywhere = row.Int64(2) != 0,
        Name = row.Text(3)!,
        Roles = (Roles)row.Int64(4),
        Features = row.Text(5)?.Split(',').ToFrozenSet(StringComparer.Ordinal),
        MostPriority = row.Int32(6),
        RequestsPerMinute = row.IsNull(7) ? null : row.Int32(7),
        Mac = row.Blob(8)!,
        Former = row.Blob(9),
        FormerUntil = row.TimeOrNull(10),
        Created = row.Time(11),
        Creator = row.Text(12)!,
        Expires = row.TimeOrNull(13),
        Revoked = row.TimeOrNull(14),
        Used = row.TimeOrNull(15),
    };
}

/// <summary>A change of keys, told in the audit trail. One after the other, on all nodes: each sees what the others left.</summary>
/// <param name="told">The event.</param>
internal abstract class ChangeKeys(AuditEvent told, DateTimeOffset now) : Write<KeyRefusal>
{
    /// <summary>All of them are in the memory of each node.</summary>
    public const int Most = 10_000;

    // So long the name behind an actor of the audit trail can be looked up.
    protected static readonly TimeSpan KeptFor = TimeSpan.FromDays(366);

    private static readonly Sql Note = Sql.At("Access/Keys/NoteChange");

    internal override IReadOnlyList<Claim> Claims => [KeyTable.All];

    protected DateTimeOffset Now => now;

    /// <summary>Changes them, or says why not.</summary>
    protected abstract KeyRefusal Change(Session session, IReadOnlyList<ApiKey> all);

    protected sealed override async ValueTask<KeyRefusal> ApplyAsync(Session session)
    {
        var refusal = Change(session, await KeyTable.ReadAsync(session).ConfigureAwait(false));
        if (refusal is not KeyRefusal.None) return refusal;
        session.Use(Note).Send();
        AuditTrail.Append(session, told, now.ToUnixTimeMilliseconds());
        return KeyRefusal.None;
    }

    /// <summary>A key that may still be changed, in this tenant; null: in any.</summary>
    protected KeyRefusal Judge(IReadOnlyList<ApiKey> all, string id, string? tenant) => all.FirstOrDefault(key => key.Id == id && (tenant is null || (key.Tenant == tenant && !key.Everywhere))) switch
    {
        null => KeyRefusal.Unknown,
        var key => key.IsOver(now) ? KeyRefusal.Over : KeyRefusal.None,
    };
}

/// <param name="mayBeAny">Somebody may make keys without having one: the first need not be able to.</param>
internal sealed class CreateKey(ApiKey key, bool mayBeAny, AuditEvent told, DateTimeOffset now) : ChangeKeys(told, now)
{
    private static readonly Sql Insert = Sql.At("Access/Keys/InsertKey");
    private static readonly Sql Forget = Sql.At("Access/Keys/ForgetKeys");

    protected override KeyRefusal Change(Session session, IReadOnlyList<ApiKey> all)
    {
        if (all.Count == 0 && !mayBeAny && !key.Rules) return KeyRefusal.First;
        var old = (Now - KeptFor).ToUnixTimeMilliseconds();
        if (all.Count(one => !(one.Revoked?.ToUnixTimeMilliseconds() < old || one.Expires?.ToUnixTimeMilliseconds() < old)) >= Most) return KeyRefusal.Full;
        session.Use(Forget).Bind(1, old).Send();
        session.Use(Insert).Bind(1, key.Id).Bind(2, key.Tenant).Bind(3, key.Everywhere ? 1L : 0L).Bind(4, key.Name).Bind(5, (long)key.Roles)
            .Bind(6, key.Features is { } features ? string.Join(',', features.Order(StringComparer.Ordinal)) : null).Bind(7, (long)key.MostPriority).Bind(8, (long?)key.RequestsPerMinute)
            .Bind(9, key.Mac).Bind(10, key.Created.ToUnixTimeMilliseconds()).Bind(11, key.Creator).Bind(12, key.Expires?.ToUnixTimeMilliseconds()).Send();
        return KeyRefusal.None;
    }
}

/// <param name="mac">Of its new text.</param>
/// <param name="until">So long the one before is good.</param>
internal sealed class RotateKey(string id, string? tenant, byte[] mac, DateTimeOffset until, AuditEvent told, DateTimeOffset now) : ChangeKeys(told, now)
{
    private static readonly Sql Rotate = Sql.At("Access/Keys/RotateKey");

    protected override KeyRefusal Change(Session session, IReadOnlyList<ApiKey> all)
    {
        var refusal = Judge(all, id, tenant);
        if (refusal is KeyRefusal.None) session.Use(Rotate).Bind(1, until.ToUnixTimeMilliseconds()).Bind(2, mac).Bind(3, id).Send();
        return refusal;
    }
}

/// <param name="mayBeLast">Somebody may make keys without having one.</param>
internal sealed class RevokeKey(string id, string? tenant, bool mayBeLast, AuditEvent told, DateTimeOffset now) : ChangeKeys(told, now)
{
    private static readonly Sql Revoke = Sql.At("Access/Keys/RevokeKey");

    protected override KeyRefusal Change(Session session, IReadOnlyList<ApiKey> all)
    {
        var refusal = Judge(all, id, tenant);
        if (refusal is not KeyRefusal.None) return refusal;
        var rulers = all.Where(key => key.Rules && !key.IsOver(Now)).ToList();
        if (!mayBeLast && rulers is [var last] && last.Id == id) return KeyRefusal.LastRuler;
        session.Use(Revoke).Bind(1, Now.ToUnixTimeMilliseconds()).Bind(2, id).Send();
        return KeyRefusal.None;
    }
}

/// <summary>When keys were last used.</summary>
internal sealed class NoteUses(IReadOnlyList<KeyValuePair<string, long>> uses) : Write<bool>
{
    private static readonly Sql Note = Sql.At("Access/Keys/NoteUse");

    // Nobody's call waits in its group.
    internal override Writer Writer => Writer.Upkeep;

    internal override IReadOnlyList<Claim> Claims => [KeyTable.All];

    protected override ValueTask<bool> ApplyAsync(Session session)
    {
        foreach (var (id, at) in uses) session.Use(Note).Bind(1, at).Bind(2, id).Send();
        return ValueTask.FromResult(true);
    }
}
