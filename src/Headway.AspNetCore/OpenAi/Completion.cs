using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Headway.AspNetCore.Errors;
using Headway.Handlers;
using Headway.Jobs;

namespace Headway.AspNetCore.OpenAi;

/// <summary>The result of a feature as a chat completion, whole or in chunks.</summary>
/// <remarks>Source: platform.openai.com/docs/api-reference/chat. `model` names the model that answered; of a feature that asks none, the feature.</remarks>
internal sealed class Completion(Job job, string feature, DateTimeOffset created)
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly byte[] Done = "[DONE]"u8.ToArray();

    /// <summary>Null: the result is neither text nor JSON.</summary>
    public static string? TextOf(Result result) => result.MediaType.StartsWith("text/", StringComparison.Ordinal) || result.MediaType.StartsWith(Result.Json, StringComparison.Ordinal)
        ? Encoding.UTF8.GetString(result.Body.Span)
        : null;

    public static Problem NotText(Job job, Result result) => new(ProblemKind.ResultNotText,
        $"The result is {result.MediaType}, which a chat completion cannot hold. Call POST /v1/features/{job.Feature} for it.")
    { Job = job.Id };

    public byte[] Whole(string text) => Write("chat.completion", job.Usage, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteStartObject("message");
        json.WriteString("role", "assistant");
        json.WriteString("content", text);
        json.WriteNull("refusal");
        json.WriteEndObject();
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", "stop");
        json.WriteEndObject();
    });

    /// <summary>An answer that came whole, as a stream of it.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> ChunksOf(string text, bool includeUsage) => [Begin, Delta(text), .. End(includeUsage)];

    public ReadOnlyMemory<byte> Begin => Chunk(json =>
    {
        json.WriteString("role", "assistant");
        json.WriteString("content", "");
    }, null);

    public ReadOnlyMemory<byte> Delta(string text) => Chunk(json => json.WriteString("content", text), null);

    /// <summary>Of the finished job, which knows what it used and who answered.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> End(bool includeUsage)
    {
        yield return Chunk(static _ => { }, "stop");
        if (includeUsage) yield return Write("chat.completion.chunk", job.Usage, null);
        yield return Done;
    }

    private byte[] Chunk(Action<Utf8JsonWriter> delta, string? finish) => Write("chat.completion.chunk", null, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteStartObject("delta");
        delta(json);
        json.WriteEndObject();
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", finish);
        json.WriteEndObject();
    });

    private byte[] Write(string form, Usage? usage, Action<Utf8JsonWriter>? choice)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("id", $"chatcmpl-{job.Id}");
            json.WriteString("object", form);
            json.WriteNumber("created", created.ToUnixTimeSeconds());
            json.WriteString("model", job.Model ?? feature);
            json.WriteStartArray("choices");
            choice?.Invoke(json);
            json.WriteEndArray();
            if (usage is { } used)
            {
                json.WriteStartObject("usage");
                json.WriteNumber("prompt_tokens", used.InputTokens);
                json.WriteNumber("completion_tokens", used.OutputTokens);
                json.WriteNumber("total_tokens", used.InputTokens + used.OutputTokens);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
