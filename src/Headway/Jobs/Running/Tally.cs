using System.Globalization;
using Headway.Features;

namespace Headway.Jobs.Running;

/// <summary>What became of a job's attempts since it was accepted or replayed: how many failed in which way, and how often it said "not yet".</summary>
/// <param name="SnoozedSince">When it first did, in milliseconds since 1970.</param>
internal readonly record struct Tally(int RateLimited, int Unavailable, int Timeout, int InvalidOutput, int Bug, int Snoozes = 0, long? SnoozedSince = null)
{
    /// <summary>Failed attempts that tell something of the model's strength: one that met a limit does not.</summary>
    public int OfStrength => Unavailable + Timeout + InvalidOutput + Bug;

    public bool IsEmpty => this == default;

    /// <summary>Failed attempts that count against the line of the policy under which this kind falls.</summary>
    public int Against(RetryOptions retry, FailureKind kind)
    {
        if (retry.Own(kind) is not null) return Of(kind);
        var shared = 0;
        foreach (var other in Kinds)
            if (retry.Own(other) is null) shared += Of(other);
        return shared;
    }

    public Tally Failed(FailureKind kind) => kind switch
    {
        FailureKind.RateLimited => this with { RateLimited = RateLimited + 1 },
        FailureKind.Unavailable => this with { Unavailable = Unavailable + 1 },
        FailureKind.Timeout => this with { Timeout = Timeout + 1 },
        FailureKind.InvalidOutput => this with { InvalidOutput = InvalidOutput + 1 },
        FailureKind.Bug => this with { Bug = Bug + 1 },
        _ => this,
    };

    public Tally Snoozed(long now) => this with { Snoozes = Snoozes + 1, SnoozedSince = SnoozedSince ?? now };

    private static readonly FailureKind[] Kinds = [FailureKind.RateLimited, FailureKind.Unavailable, FailureKind.Timeout, FailureKind.InvalidOutput, FailureKind.Bug];

    private int Of(FailureKind kind) => kind switch
    {
        FailureKind.RateLimited => RateLimited,
        FailureKind.Unavailable => Unavailable,
        FailureKind.Timeout => Timeout,
        FailureKind.InvalidOutput => InvalidOutput,
        FailureKind.Bug => Bug,
        _ => 0,
    };

    /// <summary>As the queue keeps it: the numbers in their order. Null: nothing happened yet, as with nearly every job.</summary>
    public string? Stored() => IsEmpty ? null
        : string.Create(CultureInfo.InvariantCulture, $"{RateLimited} {Unavailable} {Timeout} {InvalidOutput} {Bug} {Snoozes} {SnoozedSince ?? 0}");

    /// <summary>What cannot be read counts as nothing: a damaged row is tried again and not lost.</summary>
    public static Tally Read(string? stored)
    {
        if (stored is null) return default;
        Span<long> numbers = stackalloc long[7];
        var at = 0;
        foreach (var range in stored.AsSpan().Split(' '))
        {
            if (at == numbers.Length || !long.TryParse(stored.AsSpan(range), NumberStyles.None, CultureInfo.InvariantCulture, out numbers[at])) return default;
            at++;
        }
        return at < numbers.Length ? default
            : new Tally((int)numbers[0], (int)numbers[1], (int)numbers[2], (int)numbers[3], (int)numbers[4], (int)numbers[5], numbers[6] == 0 ? null : numbers[6]);
    }
}
