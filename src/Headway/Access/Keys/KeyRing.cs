using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Headway.Storage;

namespace Headway.Access;

/// <summary>Gives 16 bytes by which a text is recognised, under a key that the master key keeps.</summary>
internal delegate byte[] KeyMac(ReadOnlySpan<byte> text);

/// <summary>All keys of the database, in memory: who shows one is answered without asking it.</summary>
/// <remarks>
/// What this node changes counts here when it is durable; what others change, when this node next looks (<see cref="LookAsync"/>). Whether a key exists is not to
/// be learned from how long an answer takes: a MAC is made and compared for every text, also where there is nothing to compare it with.
/// </remarks>
internal sealed class KeyRing
{
    // Last used is told to the minute.
    private const long UseMilliseconds = 60_000;

    private static readonly byte[] Nobody = new byte[16];

    private readonly Database _database;
    private readonly KeyMac _mac;
    private readonly ConcurrentDictionary<string, long> _used = new(StringComparer.Ordinal);
    private volatile Snapshot _now;

    private KeyRing(Database database, KeyMac mac, Snapshot now) => (_database, _mac, _now) = (database, mac, now);

    public static async ValueTask<KeyRing> OpenAsync(Database database, KeyMac mac) => new(database, mac, await ReadAsync(database).ConfigureAwait(false));

    /// <summary>No key was ever made.</summary>
    public bool IsEmpty => _now.Keys.Count == 0;

    public IReadOnlyCollection<ApiKey> All => [.. _now.Keys.Values.Select(held => held.Key)];

    /// <summary>Whose key this is the text of.</summary>
    public KeyVerdict Find(string text, out ApiKey? key)
    {
        key = null;
        Span<byte> bytes = stackalloc byte[KeyText.Length];
        var id = KeyText.IdOf(text);
        if (id is null) return KeyVerdict.Malformed;
        var mac = _mac(bytes[..Encoding.ASCII.GetBytes(text, bytes)]);
        var held = _now.Keys.GetValueOrDefault(id);
        var now = _database.Time.GetUtcNow();
        // Both are compared, whatever the first says.
        var isNow = CryptographicOperations.FixedTimeEquals(mac, held?.Key.Mac ?? Nobody);
        var wasBefore = CryptographicOperations.FixedTimeEquals(mac, held?.Key.Former ?? Nobody);
        if (held is null || !(isNow | wasBefore)) return KeyVerdict.Unknown;
        key = held.Key;
        if (key.Revoked is not null) return KeyVerdict.Revoked;
        if (key.Expires <= now || (!isNow && !(key.FormerUntil > now))) return KeyVerdict.Expired;
        NoteUse(id, now.ToUnixTimeMilliseconds());
        return KeyVerdict.Good;
    }

    /// <summary>A caller with this key, from this address.</summary>
    public Caller CallerOf(ApiKey key, string? address) => _now.Keys.GetValueOrDefault(key.Id) is { } held ? held.Caller with { Address = address } : key.Caller with { Address = address };

    /// <summary>Sees what other nodes have changed. False: nothing.</summary>
    public async Task<bool> LookAsync()
    {
        var number = await _database.ReadAsync(KeyTable.ChangesAsync).ConfigureAwait(false);
        if (number == _now.Number) return false;
        await ReloadAsync().ConfigureAwait(false);
        return true;
    }

    public async Task ReloadAsync()
    {
        var read = await ReadAsync(_database).ConfigureAwait(false);
        // Of two that read at once, the later one may be the first to be back.
        Snapshot before;
        do before = _now;
        while (read.Number >= before.Number && Interlocked.CompareExchange(ref _now, read, before) != before);
    }

    /// <summary>Writes when keys were last used; how many.</summary>
    public async Task<int> NoteUsesAsync()
    {
        var uses = _used.ToArray();
        if (uses.Length == 0) return 0;
        await _database.WriteAsync(new NoteUses(uses)).ConfigureAwait(false);
        foreach (var use in uses) _used.TryRemove(use);
        return uses.Length;
    }

    private void NoteUse(string id, long now)
    {
        if (!_used.TryGetValue(id, out var last) || now - last >= UseMilliseconds) _used[id] = now;
    }

    private static ValueTask<Snapshot> ReadAsync(Database database) => database.ReadAsync(async session =>
    {
        // The number first: what is changed after it is read again.
        var number = await KeyTable.ChangesAsync(session).ConfigureAwait(false);
        var keys = await KeyTable.ReadAsync(session).ConfigureAwait(false);
        return new Snapshot(number, keys.ToFrozenDictionary(key => key.Id, key => new Held(key, key.Caller), StringComparer.Ordinal));
    });

    private sealed record Held(ApiKey Key, Caller Caller);

    private sealed record Snapshot(long Number, FrozenDictionary<string, Held> Keys);
}

/// <summary>What came of looking for a text. Revoked and expired are told only to who has the whole of it.</summary>
internal enum KeyVerdict { Good, Malformed, Unknown, Revoked, Expired }
