using Headway.AspNetCore.Tests.Cli;
using Headway.Client;

namespace Headway.AspNetCore.Tests.Client;

/// <summary>A stream of a whole node over a connection that breaks again and again.</summary>
public sealed class BrokenStreamTests(LiveServer server) : IClassFixture<LiveServer>
{
    private static readonly string Words = string.Join(' ', Enumerable.Range(1, 80).Select(number => $"word{number}"));

    [Fact]
    public async Task A_reader_that_comes_back_has_every_piece_once_and_in_order()
    {
        using var breaking = new BreakingHandler(afterBytes: 400);
        using var http = new HttpClient(breaking) { BaseAddress = new Uri(server.Address + "/") };
        var client = new HeadwayClient(http, new ImpatientTime());

        var stream = (await client.CallAsync("chat", $$"""{"text":"{{Words}}"}""")).ShouldBeOfType<CallAnswer.Streaming>();
        var events = await stream.Events.ToListAsync();

        breaking.Broken.ShouldBeGreaterThan(0);
        var ids = events.Where(one => one.Id is not null).Select(one => one.Id!.Value).ToList();
        ids.ShouldBe(Enumerable.Range(0, ids.Count).Select(step => ids[0] + step));
        var text = string.Concat(events.Where(one => one.Kind == "delta").Select(one => one.As(HeadwayJson.Wire.DeltaEventRecord)!.Text));
        text.ShouldBe((await server.Client.ResultAsync(stream.Job!)).AsText());
        text.ShouldContain(Words);
        events[^1].As(HeadwayJson.Wire.EndEventRecord)!.State.ShouldBe(JobState.Succeeded);
    }

    /// <summary>Ends every stream after so many bytes and one whole event, in the middle of the next, and closes its socket.</summary>
    private sealed class BreakingHandler(int afterBytes) : DelegatingHandler(new SocketsHttpHandler())
    {
        public int Broken { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (answer.Content.Headers.ContentType?.MediaType != "text/event-stream") return answer;
            var pipe = new System.IO.Pipelines.Pipe();
            _ = CopyAsync(await answer.Content.ReadAsStreamAsync(cancellationToken), pipe.Writer, cancellationToken);
            var broken = new StreamContent(pipe.Reader.AsStream());
            broken.Headers.ContentType = answer.Content.Headers.ContentType;
            answer.Content = broken;
            return answer;
        }

        private async Task CopyAsync(Stream source, System.IO.Pipelines.PipeWriter target, CancellationToken stop)
        {
            await using var body = source;
            var (left, whole, last) = (afterBytes, false, (byte)0);
            while (left > 0 && target.GetMemory(left)[..left] is var piece && await body.ReadAsync(piece, stop) is > 0 and var read)
            {
                for (var i = 0; i < read; i++) (whole, last) = (whole || (last == '\n' && piece.Span[i] == '\n'), piece.Span[i]);
                target.Advance(read);
                await target.FlushAsync(stop);
                // A busy machine shows many words in one piece, longer than a stream lives: one event comes through, or nobody would get on.
                left = left > read || whole ? left - read : 1;
            }

            if (left == 0) Broken++;
            await target.CompleteAsync();
        }
    }
}
