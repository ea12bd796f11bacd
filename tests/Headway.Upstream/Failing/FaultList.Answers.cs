namespace Headway.Upstream.Failing;

/// <summary>Answers that are none: streams, bodies and ends.</summary>
public static partial class FaultList
{
    private static Fault[] Streams =>
    [
        new("ends in the middle", play => PartAsync(play, 2, "")),
        CutAt(90),
        new("a chunk that is no JSON, at first", play => PartAsync(play, 0, "data: {\"choices\":[{\"ind\n\n"), OfPieces: true),
        new("a chunk that is no JSON, in the middle", play => PartAsync(play, 2, "data: {\"choices\":[{\"ind\n\n"), OfPieces: true),
        new("no terminator", play => PartAsync(play, 4, play.Dialect.Finish(play.Reply, Finish.Stop, null)), OfPieces: true),
        new("no finish reason", play => play.Streams ? PartAsync(play, 4, play.Dialect.End) : play.WholeAsync(play.Reply.Text, Finish.Unsaid)),
        new("no usage", play => play.Streams ? PartAsync(play, 4, play.Dialect.Finish(play.Reply, Finish.Stop, null) + play.Dialect.End) : play.WholeAsync(play.Reply.Text, bills: false)),
        new("an error at first", play => PartAsync(play, 0, play.Dialect.ErrorEvent(Complaint.Overloaded)), OfPieces: true),
        new("an error in the middle", play => PartAsync(play, 2, play.Dialect.ErrorEvent(Complaint.Overloaded)), OfPieces: true),
        new("an empty stream", play => PartAsync(play, 0, ""), OfPieces: true),
        new("an impossible usage", async play =>
        {
            if (!play.Streams)
            {
                await play.BodyAsync("application/json", play.Dialect.Whole(play.Reply, play.Reply.Text, Finish.Stop, new Tokens(long.MaxValue, -1))).ConfigureAwait(false);
                return;
            }
            await play.BeginAsync(4).ConfigureAwait(false);
            await play.SendAsync(play.Dialect.Finish(play.Reply, Finish.Stop, new Tokens(long.MaxValue, -1)) + play.Dialect.End).ConfigureAwait(false);
        }),
    ];

    private static Fault[] Bodies =>
    [
        new("200 with an error body", play => play.BodyAsync("application/json", play.Dialect.Error(Complaint.Overloaded))),
        new("200 with an error in half a letter", play => play.BodyAsync("application/json", """{"error":{"message":"\ud83d","type":"server_error"}}""")),
        new("200 with HTML", play => play.BodyAsync("text/html", "<html><body>Log in</body></html>")),
        new("200 without a body", play => play.BodyAsync(null, "")),
        new("200 of another type", play => play.BodyAsync("text/plain", play.Dialect.Whole(play.Reply, play.Reply.Text, Finish.Stop, null))),
        new("200 with null", play => play.BodyAsync("application/json", "null")),
    ];

    private static Fault[] Ends =>
    [
        new("the provider's filter ends it", play => EndAsync(play, 2, Finish.Filtered)),
        new("refuses", async play =>
        {
            if (!play.Streams)
            {
                await play.WholeAsync("", Finish.Refused).ConfigureAwait(false);
                return;
            }
            await play.BeginAsync(0).ConfigureAwait(false);
            await play.SendAsync(play.Dialect.Refusal(play.Reply, "I cannot help with that.")).ConfigureAwait(false);
            await play.EndAsync(Finish.Refused).ConfigureAwait(false);
        }),
        new("its own token limit ends it", play => EndAsync(play, 2, Finish.Length)),
        new("says that it broke off", play => EndAsync(play, 2, Finish.Broken)),
        new("says nothing and ends", play => EndAsync(play, 0, Finish.Stop)),
        new("calls a tool that nobody gave it", async play =>
        {
            if (!play.Streams)
            {
                await play.WholeAsync("", Finish.Tools).ConfigureAwait(false);
                return;
            }
            await play.BeginAsync(0).ConfigureAwait(false);
            await play.SendAsync(play.Dialect.Tool(play.Reply)).ConfigureAwait(false);
            await play.EndAsync(Finish.Tools).ConfigureAwait(false);
        }),
    ];

    /// <summary>The right answer, of which only the first bytes come; the stream then ends as if that were all.</summary>
    public static Fault CutAt(int bytes) => new($"ends within a chunk, at byte {bytes}", async play =>
    {
        await play.HeadAsync().ConfigureAwait(false);
        var body = play.Streams
            ? play.Dialect.Role(play.Reply) + string.Concat(play.Reply.Pieces.Select(text => play.Dialect.Piece(play.Reply, text))) + play.Dialect.Finish(play.Reply, Finish.Stop, null)
            : play.Dialect.Whole(play.Reply, play.Reply.Text, Finish.Stop, null);
        await play.SendAsync(body[..Math.Min(bytes, body.Length - 1)]).ConfigureAwait(false);
    });

    internal static async Task PartAsync(Play play, int pieces, string then)
    {
        await play.BeginAsync(pieces).ConfigureAwait(false);
        // In one piece it breaks off in the same place.
        if (play.Streams) await play.SendAsync(then).ConfigureAwait(false);
    }

    internal static async Task EndAsync(Play play, int pieces, Finish finish)
    {
        if (!play.Streams)
        {
            await play.WholeAsync(string.Concat(play.Reply.Pieces.Take(pieces)), finish).ConfigureAwait(false);
            return;
        }
        await play.BeginAsync(pieces).ConfigureAwait(false);
        await play.EndAsync(finish).ConfigureAwait(false);
    }
}
