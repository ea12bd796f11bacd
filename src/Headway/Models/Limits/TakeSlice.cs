using Headway.Features;
using Headway.Storage;

namespace Headway.Models.Limits;

/// <summary>What a node asks of a model's limits in one write.</summary>
internal sealed record SliceAsk(string Model, ModelLimits Limits)
{
    /// <summary>Calls that wait or are soon expected; zero: none are asked for.</summary>
    public long Requests { get; init; }
    public long Tokens { get; init; }

    /// <summary>Tokens that the first who waits needs.</summary>
    public long Least { get; init; }

    /// <summary>What was granted and not used (negative), by the second it is counted in; under zero, what was used beyond its grant.</summary>
    public IReadOnlyList<Granted> Corrections { get; init; } = [];

    /// <summary>Null: nothing changes in how many calls at once the node may have open.</summary>
    public SlotAsk? Slots { get; init; }
}

/// <param name="InUse">Calls that are open: they stay counted whatever the limit says now.</param>
internal sealed record SlotAsk(long Lease, long InUse, long Wanted);

/// <param name="Second">In which the slice is counted.</param>
/// <param name="UsableFor">From the moment it was granted.</param>
/// <param name="FreeIn">Nothing was granted: when the first who waits may be served.</param>
/// <param name="Counted">All that counts now, this slice included.</param>
/// <param name="Now">When the verdict was made, in milliseconds since 1970.</param>
internal sealed record SliceVerdict(long Second, long Requests, long Tokens, TimeSpan UsableFor, TimeSpan FreeIn, IReadOnlyList<Granted> Counted, long Slots, long Now);

/// <summary>Takes a slice of a model's limits for a node, and gives back what it does not need.</summary>
/// <remarks>
/// Invariants. What is granted is within the limit by <see cref="RateWindow"/>, compared and written under a claim that holds on every node, by the database's clock, which alone says what
/// is counted where. The slots of all living leases together are within the limit, but for calls that were open when the limit was lowered. A node
/// that dies leaks nothing: its grants count no more after a minute, its slots go with its lease. A clock that is set back makes callers wait, for
/// two minutes at most; one that is set forward forgets what it leaps over.
/// </remarks>
internal sealed class TakeSlice(SliceAsk ask, TimeProvider time) : Write<SliceVerdict>
{
    private static readonly Sql Read = Sql.At("Models/Limits/ReadGrants");
    private static readonly Sql Add = Sql.At("Models/Limits/AddGrant");
    private static readonly Sql Lower = Sql.At("Models/Limits/LowerGrant");
    private static readonly Sql Drop = Sql.At("Models/Limits/DropGrants");
    private static readonly Sql DropLost = Sql.At("Models/Limits/DropLostSlots");
    private static readonly Sql Others = Sql.At("Models/Limits/OtherSlots");
    private static readonly Sql Hold = Sql.At("Models/Limits/HoldSlots");

    internal override IReadOnlyList<Claim> Claims => [new Claim("limits of model", ask.Model, OnEveryNode: true)];

    protected override async ValueTask<SliceVerdict> ApplyAsync(Session session)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var second = RateWindow.SecondOf(now);
        session.Use(Drop).Bind(1, ask.Model).Bind(2, RateWindow.LastPassed(now)).Bind(3, second + RateWindow.Counts).Send();
        foreach (var correction in ask.Corrections) Correct(session, correction, second);
        var counted = await CountedAsync(session, now).ConfigureAwait(false);
        var (requests, tokens) = ask.Requests == 0 ? (0, 0) : RateWindow.Grant(counted, ask.Limits, ask.Requests, ask.Tokens, ask.Least);
        var freeIn = TimeSpan.Zero;
        if (requests > 0)
        {
            AddTo(session, second, requests, tokens);
            counted = await CountedAsync(session, now).ConfigureAwait(false);
        }
        else if (ask.Requests > 0)
        {
            var (ofRequests, ofTokens) = RateWindow.FreeAt(counted, ask.Limits, 1, ask.Least, now);
            freeIn = TimeSpan.FromMilliseconds(Math.Max(ofRequests, ofTokens) - now);
        }
        return new SliceVerdict(second, requests, tokens, RateWindow.UsableFor(now), freeIn, counted, ask.Slots is { } slots ? await TakeSlotsAsync(session, slots).ConfigureAwait(false) : 0, now);
    }

    private void Correct(Session session, Granted correction, long second)
    {
        if (correction.Second == 0) AddTo(session, second, 0, correction.Tokens);
        else session.Use(Lower).Bind(1, -correction.Requests).Bind(2, -correction.Tokens).Bind(3, ask.Model).Bind(4, correction.Second).Send();
    }

    private void AddTo(Session session, long second, long requests, long tokens) =>
        session.Use(Add).Bind(1, ask.Model).Bind(2, second).Bind(3, requests).Bind(4, tokens).Send();

    private async ValueTask<List<Granted>> CountedAsync(Session session, long now)
    {
        var counted = new List<Granted>();
        using var read = session.Use(Read).Bind(1, ask.Model).Bind(2, RateWindow.LastPassed(now));
        while (await read.StepAsync().ConfigureAwait(false)) counted.Add(new Granted(read.Int64(0), read.Int64(1), read.Int64(2)));
        return counted;
    }

    private async ValueTask<long> TakeSlotsAsync(Session session, SlotAsk slots)
    {
        session.Use(DropLost).Bind(1, ask.Model).Send();
        long others;
        using (var read = session.Use(Others).Bind(1, ask.Model).Bind(2, slots.Lease))
        {
            await read.StepAsync().ConfigureAwait(false);
            others = read.Int64(0);
        }
        var held = Math.Max(slots.InUse, Math.Min(slots.Wanted, (ask.Limits.Concurrency ?? long.MaxValue) - others));
        session.Use(Hold).Bind(1, ask.Model).Bind(2, slots.Lease).Bind(3, held).Send();
        return held;
    }
}
