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
    /// <summary>Proxies commonly cut what is silent for 30 to 60 seconds.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public static Task WriteAsync(HttpContext context, IAsyncEnumerable<JobEvent> events, TimeProvider time, CancellationToken readerLeft)
        => WriteAsync(context, events, static (body, shown) => Write(body, shown), time, readerLeft);

    /// <param name="write">Writes one of them as an event.</param>
    public static async Task WriteAsync<T>(HttpContext context, IAsyncEnumerable<T> events, Action<PipeWriter, T> write, TimeProvider time, CancellationToken readerLeft)
    {
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();

        // Headers go at once: a reader learns the job's id before the first token.
        await response.StartAsync(readerLeft);
        await response.BodyWriter.FlushAsync(readerLeft);

        using var gate = new SemaphoreSlim(1, 1);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(readerLeft);
        var beats = BeatAsync(response.BodyWriter, gate, time, ended.Token);
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
            await ended.CancelAsync();
            await beats;
        }
    }

    // Flushes when there is nothing more to write yet: a fast handler costs one write per burst, a slow one is shown token by token.
    private static async Task CopyAsync<T>(PipeWriter body, IAsyncEnumerable<T> events, Action<PipeWriter, T> write, SemaphoreSlim gate, CancellationToken readerLeft)
    {
        await using var source = events.GetAsyncEnumerator(readerLeft);
        var next = source.MoveNextAsync();
        while (await next)
        {
            await gate.WaitAsync(readerLeft);
            try
            {
                write(body, source.Current);
                next = source.MoveNextAsync();
                if (!next.IsCompleted || body.UnflushedBytes > FlushAtBytes) await FlushAsync(body, readerLeft);
            }
            catch
            {
                // An enumerator may not be disposed of while it moves; the reader's leaving ends the move.
                await EndAsync(next);
                throw;
            }
            finally
            {
                gate.Release();
            }
        }

        await FlushAsync(body, readerLeft);
    }

    private static async Task EndAsync(ValueTask<bool> move)
    {
        try
        {
            await move;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // What broke the stream is already on its way up.
        }
    }

    // A burst is cut into pieces of this size, so that a reader slower than the handler holds the handler back, not memory.
    private const int FlushAtBytes = 32 * 1024;

    private static async Task BeatAsync(PipeWriter body, SemaphoreSlim gate, TimeProvider time, CancellationToken ended)
    {
        try
        {
            using var timer = new PeriodicTimer(Heartbeat, time);
            while (await timer.WaitForNextTickAsync(ended))
            {
                await gate.WaitAsync(ended);
                try
                {
                    body.Write(": \n\n"u8);
                    await FlushAsync(body, ended);
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
