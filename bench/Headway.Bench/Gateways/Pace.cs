using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;

namespace Headway.Bench.Gateways;

/// <summary>A stream that gives its chunks one by one, each with its number and the time it left at, as the request asks in its first words.</summary>
internal sealed record Pace(int PerSecond, int Chunks)
{
    private const int TimeDigits = 19;
    private const int NumberDigits = 6;

    /// <summary>Stands before each stamp and nowhere else in an answer's body.</summary>
    public const byte Mark = (byte)'@';

    /// <summary>Mark, ticks, a space, number.</summary>
    public const int StampLength = 1 + TimeDigits + 1 + NumberDigits;

    private static readonly byte[] Before = """
        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1764115200,"model":"bench-1","choices":[{"index":0,"delta":{"content":"
        """u8.ToArray();
    private static readonly byte[] After = "\"},\"finish_reason\":null}]}\n\n"u8.ToArray();

    public string Request(string model) => string.Create(CultureInfo.InvariantCulture,
        $$"""{"model":"{{model}}","messages":[{"role":"user","content":"<pace {{PerSecond:0000}} {{Chunks:000000}}>"}],"stream":true}""");

    public static Pace? In(ReadOnlySequence<byte> body)
    {
        ReadOnlySpan<byte> text = body.IsSingleSegment ? body.FirstSpan : body.ToArray();
        var at = text.IndexOf("pace "u8);
        return at < 0 ? null : new Pace(int.Parse(text.Slice(at + 5, 4), CultureInfo.InvariantCulture), int.Parse(text.Slice(at + 10, NumberDigits), CultureInfo.InvariantCulture));
    }

    /// <summary>A beat that comes late is not made up for: what cannot be carried is not sent, and is missing in the rate.</summary>
    public async Task StreamAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        using var beat = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / PerSecond), TimeProvider.System);
        for (var number = 0; number < Chunks; number++)
        {
            Write(context.Response.BodyWriter, number);
            if ((await context.Response.BodyWriter.FlushAsync(context.RequestAborted)).IsCompleted) return;
            await beat.WaitForNextTickAsync(context.RequestAborted);
        }
        Upstream.Write(context, Upstream.End);
    }

    private static void Write(PipeWriter body, int number)
    {
        body.Write(Before);
        var stamp = body.GetSpan(StampLength);
        stamp[0] = Mark;
        Stopwatch.GetTimestamp().TryFormat(stamp[1..], out _, "D19", CultureInfo.InvariantCulture);
        stamp[1 + TimeDigits] = (byte)' ';
        number.TryFormat(stamp[(2 + TimeDigits)..], out _, "D6", CultureInfo.InvariantCulture);
        body.Advance(StampLength);
        body.Write(After);
    }

    /// <summary>False: what stands there was cut by the framing of the body.</summary>
    public static bool TryReadStamp(ReadOnlySpan<byte> stamp, out long ticks, out int number)
    {
        number = 0;
        return long.TryParse(stamp.Slice(1, TimeDigits), NumberStyles.None, CultureInfo.InvariantCulture, out ticks)
            && int.TryParse(stamp.Slice(2 + TimeDigits, NumberDigits), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
