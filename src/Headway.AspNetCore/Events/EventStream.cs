using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Headway.Jobs;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headway.AspNetCore.Events;

/// <summary>Shows a job's events as server-sent events (WHATWG HTML, section 9.2).</summary>
internal static class EventStream
{
    public const string MediaType = "text/event-stream";

    /// <summary>Proxies commonly cut what is silent for 30 to 60 seconds.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public static Task WriteAsync(HttpContext context, IAsyncEnumerable<JobEvent> events, TimeProvider time, CancellationToken readerLeft)
        => WriteAsync(context, events, static (body, shown) => Write(body, shown), time, readerLeft);

    /// <param name="write">Writes one of them as an event.</param>
    public static async Task WriteAsync<T>(HttpContext context, IAsyncEnumerable<T> events, Action<PipeWriter, T> write, TimeProvider time, CancellationToken readerLeft)
    {
        var response = context.Response;
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();

        await response.StartAsync(readerLeft);
        using var gate = new SemaphoreSlim(1, 1);
        using var timer = new PeriodicTimer(Heartbeat, time);
        var beats = BeatAsync(response.BodyWriter, gate, timer, readerLeft);
        try
        {
            await CopyAsync(response.BodyWriter, events, write, gate, readerLeft);
        }
        catch
        {
            // A cut connection is the only end that no reader takes for a clean one.
            context.Abort();
            throw;
        }
        finally
        {
            timer.Dispose();
            await beats;
        }
    }

    // Flushes when there is nothing more to write yet: a fast handler costs one write per burst, a slow one is shown token by token.
    private static async Task CopyAsync<T>(PipeWriter body, IAsyncEnumerable<T> events, Action<PipeWriter, T> write, SemaphoreSlim gate, CancellationToken readerLeft)
    {
        await using var source = events.GetAsyncEnumerator(readerLeft);
        var next = source.MoveNextAsync().AsTask();
        // Headers do not wait for the first event: a reader learns the job's id before.
        if (!next.IsCompleted) await FlushAsync(body, next, readerLeft);
        var more = await next;
        while (more)
        {
            bool ready;
            await gate.WaitAsync(readerLeft);
            try
            {
                do
                {
                    write(body, source.Current);
                    next = source.MoveNextAsync().AsTask();
                    ready = next.IsCompleted;
                    if (ready) more = await next;
                }
                while (ready && more && body.UnflushedBytes <= FlushAtBytes);
                if (!ready) await FlushAsync(body, next, readerLeft);
                else if (body.UnflushedBytes > FlushAtBytes) await FlushAsync(body, readerLeft);
            }
            finally
            {
                gate.Release();
            }
            if (!ready) more = await next;
        }

        await FlushAsync(body, readerLeft);
    }

    /// <summary>Flushes while the next event is awaited. An enumerator may not be disposed of while it moves; the reader's leaving ends the move.</summary>
    private static async ValueTask FlushAsync(PipeWriter body, Task<bool> move, CancellationToken readerLeft)
    {
        try
        {
            await FlushAsync(body, readerLeft);
        }
        catch
        {
            await ((Task)move).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    // A burst is cut into pieces of this size, so that a reader slower than the handler holds the handler back, not memory.
    private const int FlushAtBytes = 32 * 1024;

    private static async Task BeatAsync(PipeWriter body, SemaphoreSlim gate, PeriodicTimer timer, CancellationToken readerLeft)
    {
        try
        {
            while (await timer.WaitForNextTickAsync(readerLeft))
            {
                await gate.WaitAsync(readerLeft);
                try
                {
                    body.Write(": \n\n"u8);
                    await FlushAsync(body, readerLeft);
                }
                finally
                {
                    gate.Release();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The stream has ended.
        }
    }

    private static async ValueTask FlushAsync(PipeWriter body, CancellationToken readerLeft)
    {
        var flushed = await body.FlushAsync(readerLeft);
        if (flushed.IsCompleted) throw new OperationCanceledException("The reader left.", readerLeft.IsCancellationRequested ? readerLeft : new CancellationToken(true));
    }

    public static void Write(IBufferWriter<byte> body, in JobEvent shown)
    {
        if (shown.Id is { } id)
        {
            var span = body.GetSpan(32);
            "id: "u8.CopyTo(span);
            _ = id.TryFormat(span[4..], out var digits, default, CultureInfo.InvariantCulture);
            span[4 + digits] = (byte)'\n';
            body.Advance(5 + digits);
        }

        body.Write("event: "u8);
        Encoding.UTF8.GetBytes(shown.Kind, body);
        body.Write("\ndata: "u8);
        body.Write(shown.Data.Span);
        body.Write("\n\n"u8);
    }
}
