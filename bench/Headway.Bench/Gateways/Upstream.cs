using System.Buffers;
using System.Globalization;
using System.Text;
using Headway.Bench.Wire;

namespace Headway.Bench.Gateways;

/// <summary>A model that answers at once: a completion of the size of the request, or a stream of chunks. Also what a bare Kestrel can do.</summary>
internal static class Upstream
{
    /// <summary>Chunks with text in one streamed answer.</summary>
    public const int Events = 100;

    public const string Path = "/v1/chat/completions";

    private static readonly byte[] Chunk = """data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1764115200,"model":"bench-1","choices":[{"index":0,"delta":{"content":"token "},"finish_reason":null}]}"""u8.ToArray();
    public static readonly byte[] End = Encoding.UTF8.GetBytes(
        """
        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1764115200,"model":"bench-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1764115200,"model":"bench-1","choices":[],"usage":{"prompt_tokens":200,"completion_tokens":100,"total_tokens":300}}

        data: [DONE]


        """);

    /// <summary>The body of a request of about so many bytes; the upstream answers with as many.</summary>
    public static string Request(string model, int bytes, bool stream) => string.Create(CultureInfo.InvariantCulture,
        $$"""{"model":"{{model}}","messages":[{"role":"user","content":"{{new string('q', bytes - 100)}}"}]{{(stream ? ",\"stream\":true" : "")}}}""");

    public static async Task ServeAsync()
    {
        var answers = new Dictionary<int, byte[]> { [1] = Completion(1_000), [10] = Completion(10_000) };
        var app = Hosts.Build();
        app.MapPost(Path, async context =>
        {
            var read = await context.Request.BodyReader.ReadAtLeastAsync((int)context.Request.ContentLength!.Value);
            var (length, streams, pace) = (read.Buffer.Length, Has(read.Buffer, "\"stream\":true"u8), Pace.In(read.Buffer));
            context.Request.BodyReader.AdvanceTo(read.Buffer.End);
            if (pace is not null) await pace.StreamAsync(context);
            else if (streams) await StreamAsync(context);
            else await AnswerAsync(context, answers[length > 5_000 ? 10 : 1]);
        });
        await RunAsync(app);
    }

    /// <summary>Says where it listens, and serves until it is told to stop.</summary>
    public static async Task RunAsync(WebApplication app)
    {
        await app.StartAsync();
        Console.WriteLine(Hosts.AddressOf(app));
        await app.WaitForShutdownAsync();
    }

    // Words that stand in no other place of the requests of this bench.
    private static bool Has(ReadOnlySequence<byte> body, ReadOnlySpan<byte> word) => (body.IsSingleSegment ? body.FirstSpan : body.ToArray()).IndexOf(word) >= 0;

    private static async Task AnswerAsync(HttpContext context, byte[] answer)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Length;
        await context.Response.BodyWriter.WriteAsync(answer);
    }

    private static async Task StreamAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        for (var sent = 0; sent < Events; sent++)
        {
            Write(context, Chunk);
            Write(context, "\n\n"u8);
            // As models do: each token leaves when it is there.
            await context.Response.BodyWriter.FlushAsync();
        }
        Write(context, End);
    }

    public static void Write(HttpContext context, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(context.Response.BodyWriter.GetSpan(bytes.Length));
        context.Response.BodyWriter.Advance(bytes.Length);
    }

    private static byte[] Completion(int bytes) => Encoding.UTF8.GetBytes(
        $$$"""{"id":"chatcmpl-1","object":"chat.completion","created":1764115200,"model":"bench-1","choices":[{"index":0,"message":{"role":"assistant","content":"{{{new string('a', bytes - 240)}}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":200,"completion_tokens":100,"total_tokens":300}}""");
}
