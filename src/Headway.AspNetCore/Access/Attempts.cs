using System.Net;
using System.Net.Sockets;

namespace Headway.AspNetCore.Access;

/// <summary>How many keys and tokens that count for nothing came from an address within a minute: after the first few, each answer takes longer.</summary>
/// <remarks>
/// Only who shows something wrong is held up: a good key is told apart at once, and its caller waits for nobody, however many of its neighbours guess. Memory and
/// cost are constant: addresses share a fixed number of counters, and so many answers are held back at once; one more is refused instead.
/// Nothing depends on this: a key has 256 bits that nobody guesses. It keeps logs and connections from being flooded.
/// </remarks>
internal sealed class Attempts(NodeClock time)
{
    /// <summary>So many in a minute are answered at once: a person with a wrong key, a deployment that has the old one.</summary>
    public const int Free = 10;

    /// <summary>From here on they are refused with 429.</summary>
    public const int Most = 100;

    private const int Counters = 4_096;
    private const int MostHeld = 256;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    // The minute above, how many below.
    private readonly long[] _counts = new long[Counters];
    private int _held;

    /// <summary>Counts one; returns when it may be answered. Null: as usual. Else it is one of too many, and others are looked at again after this long.</summary>
    public async ValueTask<TimeSpan?> FailAsync(IPAddress? address, CancellationToken left)
    {
        var now = time.GetUtcNow();
        var minute = now.ToUnixTimeSeconds() / 60;
        var count = Count(Slot(address), minute);
        if (count <= Free) return null;
        var untilNext = DateTimeOffset.FromUnixTimeSeconds((minute + 1) * 60) - now;
        if (count > Most) return untilNext;
        try
        {
            if (Interlocked.Increment(ref _held) > MostHeld) return untilNext;
            var pause = Shortest * Math.Pow(2, Math.Min(count - Free, 10));
            await Task.Delay(pause < Longest ? pause : Longest, time, left);
            return null;
        }
        finally
        {
            Interlocked.Decrement(ref _held);
        }
    }

    private int Count(int slot, long minute)
    {
        ref var counter = ref _counts[slot];
        while (true)
        {
            var before = Interlocked.Read(ref counter);
            var count = before >> 16 == minute ? Math.Min((before & 0xffff) + 1, 0xffff) : 1;
            if (Interlocked.CompareExchange(ref counter, (minute << 16) | count, before) == before) return (int)count;
        }
    }

    // Of IPv6 the network: whoever has one address of it has them all.
    private static int Slot(IPAddress? address)
    {
        if (address is null) return 0;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        var hash = new HashCode();
        hash.AddBytes(address.AddressFamily is AddressFamily.InterNetworkV6 ? bytes[..8] : bytes[..length]);
        return (int)((uint)hash.ToHashCode() % Counters);
    }
}
