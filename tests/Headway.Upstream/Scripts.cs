using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace Headway.Upstream;

/// <summary>Answers and faults of a model API, byte for byte.</summary>
public static class Scripts
{
    /// <summary>A body in the form the API sends it, from Fixtures, such as `openai/stream`.</summary>
    public static string Fixture(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name) ?? throw new FileNotFoundException($"No fixture {name}.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>One server that speaks both APIs: the path tells which is asked. Any other path is not known.</summary>
    public static Script ByPath(Script openai, Script anthropic) => context => context.Request.Path.Value switch
    {
        "/v1/chat/completions" => openai(context),
        "/v1/messages" => anthropic(context),
        _ => Whole(404, "text/plain", "")(context),
    };

    /// <summary>An event stream that comes to its end.</summary>
    public static Script Events(string body) => async context =>
    {
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        await WriteAsync(context, body).ConfigureAwait(false);
    };

    /// <summary>An event stream of which the connection is torn down after the given bytes.</summary>
    /// <param name="received">Waited for before: a torn connection may take with it what was not read yet.</param>
    public static Script CutAfter(string body, Task received) => async context =>
    {
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        await WriteAsync(context, body).ConfigureAwait(false);
        await received.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        context.Abort();
    };

    /// <summary>An event stream that falls silent after the given bytes, until <paramref name="go"/> lets it end with the rest.</summary>
    /// <param name="sent">Told when the bytes have left.</param>
    public static Script StallAfter(string body, Task go, string rest = "", TaskCompletionSource? sent = null) => async context =>
    {
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        await WriteAsync(context, body).ConfigureAwait(false);
        sent?.SetResult();
        await go.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        await WriteAsync(context, rest).ConfigureAwait(false);
    };

    /// <summary>A chat completion in chunks: each piece of text as it is given, and the end when there are no more.</summary>
    public static Script Pieces(ChannelReader<string> pieces) => async context =>
    {
        ArgumentNullException.ThrowIfNull(pieces);
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        await WriteAsync(context, Chunk("""{"role":"assistant","content":""}""", "null")).ConfigureAwait(false);
        await foreach (var piece in pieces.ReadAllAsync(context.RequestAborted).ConfigureAwait(false))
            await WriteAsync(context, Chunk($$"""{"content":{{JsonSerializer.Serialize(piece)}}}""", "null")).ConfigureAwait(false);
        await WriteAsync(context, Chunk("{}", "\"stop\"") + "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":20,\"total_tokens\":30}}\n\ndata: [DONE]\n\n").ConfigureAwait(false);
    };

    /// <summary>Takes the call and answers nothing at all until it is broken off.</summary>
    public static Script Silence() => context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);

    /// <summary>Takes the call and tears the connection down.</summary>
    public static Script Abort() => context =>
    {
        context.Abort();
        return Task.CompletedTask;
    };

    /// <summary>One whole answer with its headers.</summary>
    public static Script Whole(int status, string? mediaType, string body, params (string Name, string Value)[] headers) => async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = mediaType;
        context.Response.ContentLength = Encoding.UTF8.GetByteCount(body);
        foreach (var (name, value) in headers) context.Response.Headers[name] = value;
        await WriteAsync(context, body).ConfigureAwait(false);
    };

    /// <summary>A JSON body that ends before the length it promised.</summary>
    public static Script CutWhole(string body) => async context =>
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Encoding.UTF8.GetByteCount(body) + 100;
        await WriteAsync(context, body).ConfigureAwait(false);
        context.Abort();
    };

    /// <summary>The part of an event stream before the first line that contains <paramref name="mark"/>.</summary>
    public static string Before(this string stream, string mark)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var at = stream.IndexOf(mark, StringComparison.Ordinal);
        ArgumentOutOfRangeException.ThrowIfNegative(at, mark);
        return stream[..(stream.LastIndexOf('\n', at) + 1)];
    }

    private static string Chunk(string delta, string finish) =>
        $"data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{finish}}}]}}\n\n";

    private static async Task WriteAsync(HttpContext context, string body)
    {
        await context.Response.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
