using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Headway.AspNetCore.Events;
using Headway.Jobs;
using Headway.Tests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headway.AspNetCore.Tests.Events;

public sealed class EventStreamTests
{
    [Fact]
    public void An_event_is_written_as_id_event_and_data() => Written(new JobEvent(12, "delta", "{\"text\":\"é\"}"u8.ToArray())).ShouldBe("id: 12\nevent: delta\ndata: {\"text\":\"é\"}\n\n");

    [Fact]
    public void A_snapshot_has_no_id() => Written(new JobEvent(null, "status", "{}"u8.ToArray())).ShouldBe("event: status\ndata: {}\n\n");

    [Fact]
    public void The_largest_id_fits() => Written(new JobEvent(long.MaxValue, "end", "{}"u8.ToArray())).ShouldStartWith("id: 9223372036854775807\n");

    [Fact]
    public async Task A_silent_stream_says_something_every_15_seconds()
    {
        var (pipe, time) = (new Pipe(), new ManualTime());
        var (waits, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        var context = new DefaultHttpContext();
        context.Response.Body = pipe.Writer.AsStream();
        var stream = EventStream.WriteAsync(context, SilentAsync(), time, CancellationToken.None);
        await waits.Task;

        time.Advance(TimeSpan.FromSeconds(14));
        pipe.Reader.TryRead(out _).ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(1));
        (await ReadAsync(pipe.Reader)).ShouldBe(": \n\n");

        go.SetResult();
        await stream;
        (await ReadAsync(pipe.Reader)).ShouldStartWith("id: 1\nevent: end\n");

        async IAsyncEnumerable<JobEvent> SilentAsync()
        {
            waits.SetResult();
            await go.Task;
            yield return new JobEvent(1, "end", "{}"u8.ToArray());
        }
    }

    [Fact]
    public async Task A_stream_whose_source_breaks_is_cut_and_not_ended()
    {
        var context = new DefaultHttpContext();
        var cut = new CutMark();
        context.Features.Set<IHttpRequestLifetimeFeature>(cut);

        await Should.ThrowAsync<InvalidOperationException>(() => EventStream.WriteAsync(context, BrokenAsync(), TimeProvider.System, CancellationToken.None));

        cut.IsCut.ShouldBeTrue();

        static async IAsyncEnumerable<JobEvent> BrokenAsync()
        {
            yield return new JobEvent(1, "delta", "\"a\""u8.ToArray());
            await Task.Yield();
            throw new InvalidOperationException("the log cannot be read");
        }
    }

    private sealed class CutMark : IHttpRequestLifetimeFeature
    {
        public bool IsCut { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => IsCut = true;
    }

    private static async Task<string> ReadAsync(PipeReader reader)
    {
        var read = await reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        var text = Encoding.UTF8.GetString(read.Buffer.ToArray());
        reader.AdvanceTo(read.Buffer.End);
        return text;
    }

    private static string Written(JobEvent shown)
    {
        var body = new ArrayBufferWriter<byte>();
        EventStream.Write(body, shown);
        return Encoding.UTF8.GetString(body.WrittenSpan);
    }
}
