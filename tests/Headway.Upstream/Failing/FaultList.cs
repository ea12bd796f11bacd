using System.Globalization;

namespace Headway.Upstream.Failing;

/// <summary>Everything that a model can do to those who ask it.</summary>
public static partial class FaultList
{
    /// <summary>A pause that is short enough to be waited for, and no other time in the tests.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(7);

    /// <summary>The right answer.</summary>
    public static readonly Fault Right = new("answers", async play =>
    {
        if (!play.Streams)
        {
            await play.WholeAsync(play.Reply.Text).ConfigureAwait(false);
            return;
        }
        await play.BeginAsync(play.Reply.Pieces.Count).ConfigureAwait(false);
        await play.EndAsync(Finish.Stop).ConfigureAwait(false);
    });

    /// <summary>All that end badly or strangely, and that every API can do.</summary>
    public static IReadOnlyList<Fault> All { get; } = [.. Refusals, .. Connections, .. Silences, .. Streams, .. Bodies, .. Ends];

    private static Fault[] Refusals =>
    [
        new("429 without Retry-After", play => play.StatusAsync(429, Complaint.RateLimit)),
        new("429, retry-after-ms: 150", play => play.StatusAsync(429, Complaint.RateLimit, ("retry-after-ms", "150"))),
        new("429, Retry-After: 7", play => play.StatusAsync(429, Complaint.RateLimit, ("Retry-After", "7"))),
        new("429, Retry-After as a date in 7 s", play => play.StatusAsync(429, Complaint.RateLimit, ("Retry-After", (play.Now + Pause).ToString("R", CultureInfo.InvariantCulture)))),
        new("429, Retry-After: 300", play => play.StatusAsync(429, Complaint.RateLimit, ("Retry-After", "300"))),
        new("429, quota used up", play => play.StatusAsync(429, Complaint.Quota)),
        new("500", play => play.StatusAsync(500, Complaint.Overloaded)),
        new("503 without a body", play => play.StatusAsync(503)),
        new("503, Retry-After: 7", play => play.StatusAsync(503, Complaint.Overloaded, ("Retry-After", "7"))),
        new("400, context length", play => play.StatusAsync(400, Complaint.ContextLength)),
        new("400, content filter", play => play.StatusAsync(400, Complaint.Filtered)),
        new("400, unknown parameter", play => play.StatusAsync(400, Complaint.Parameter)),
        new("400, whose body never ends", play => play.StallAsync(400, Complaint.Other)),
        new("503, whose body never ends", play => play.StallAsync(503, Complaint.Overloaded)),
        new("422, malformed", play => play.StatusAsync(422, Complaint.Other)),
        new("401", play => play.StatusAsync(401, Complaint.Key)),
        new("403", play => play.StatusAsync(403, Complaint.Key)),
        new("404", play => play.StatusAsync(404, Complaint.Model)),
        new("302", play => play.StatusAsync(302, Complaint.None, ("Location", "http://127.0.0.1:9/v1"))),
    ];

    private static Fault[] Connections =>
    [
        new("reset before the head", play =>
        {
            play.Tear();
            return Task.CompletedTask;
        }),
        new("reset after the head", async play =>
        {
            await play.HeadAsync().ConfigureAwait(false);
            play.Tear();
        }),
        new("torn in the middle", async play =>
        {
            await play.BeginAsync(1).ConfigureAwait(false);
            // A torn connection takes with it what was not read yet.
            if (play.Streams) await play.WaitAsync(Wait.Read).ConfigureAwait(false);
            play.Tear();
        }),
    ];

    private static Fault[] Silences =>
    [
        new("silence", play => play.WaitAsync(Wait.FirstToken)),
        new("head, then silence", async play =>
        {
            await play.HeadAsync().ConfigureAwait(false);
            await play.WaitAsync(play.Streams ? Wait.FirstToken : Wait.Total).ConfigureAwait(false);
        }),
        new("role and keep-alives, then silence", async play =>
        {
            await play.BeginAsync(0).ConfigureAwait(false);
            if (play.Streams) await play.SendAsync(": still there\n\n: still there\n\n").ConfigureAwait(false);
            await play.WaitAsync(play.Streams ? Wait.FirstToken : Wait.Total).ConfigureAwait(false);
        }, OfPieces: true),
        new("stall in the middle", async play =>
        {
            await play.BeginAsync(1).ConfigureAwait(false);
            await play.WaitAsync(play.Streams ? Wait.Idle : Wait.Total).ConfigureAwait(false);
        }),
        new("slow drip, byte by byte", async play =>
        {
            await play.HeadAsync().ConfigureAwait(false);
            var body = play.Dialect.Role(play.Reply) + string.Concat(play.Reply.Pieces.Select(text => play.Dialect.Piece(play.Reply, text))) + play.Dialect.Finish(play.Reply, Finish.Stop, null);
            if (!play.Streams) body = play.Dialect.Whole(play.Reply, play.Reply.Text, Finish.Stop, null);
            foreach (var letter in body) await play.SendAsync(letter.ToString()).ConfigureAwait(false);
            if (play.Streams) await play.SendAsync(play.Dialect.End).ConfigureAwait(false);
        }),
    ];
}
