using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using Headway.Features;

namespace Headway.Models.Providers.OpenAi;

/// <summary>Talks to any server that speaks the chat completions of the OpenAI API.</summary>
/// <remarks>Source: platform.openai.com/docs/api-reference/chat. Nothing that arrives is trusted to be complete: an answer counts
/// only when it says itself that it has ended.</remarks>
internal sealed class OpenAiProvider(HttpMessageInvoker http, TimeProvider time) : Provider
{
    /// <summary>Longer error bodies are not error objects.</summary>
    private const int MaxErrorBytes = 64 * 1024;

    /// <summary>For a model that names no baseUrl.</summary>
    private static readonly Uri OpenAi = new("https://api.openai.com/v1");

    /// <inheritdoc/>
    public override string Name => "openai";

    /// <inheritdoc/>
    public override async Task<ModelReply> AskAsync(ModelDefinition model, ModelRequest request, PieceSink? show, CancellationToken stop)
    {
        using var patience = new Patience(model.Timeouts, time, stop);
        var answer = new AnswerBuilder(model, request);
        var connected = false;
        try
        {
            patience.WaitFor(Limit.Connect);
            using var question = Question(model, request, () =>
            {
                connected = true;
                patience.WaitFor(request.Stream ? Limit.FirstToken : Limit.None);
            });
            using var response = await http.SendAsync(question, patience.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
                return new ModelReply.Failed(await RefusedAsync(model, response, patience.Token).ConfigureAwait(false));
            return response.Content.Headers.ContentType?.MediaType switch
            {
                "text/event-stream" => await new OpenAiStream(answer, patience, show).ReadAsync(response, stop).ConfigureAwait(false),
                "application/json" => await OpenAiWhole.ReadAsync(answer, response, show, patience, stop).ConfigureAwait(false),
                var other => answer.Failed(other is null && response.Content.Headers.ContentLength is 0 ? Faults.Empty(model) : Faults.NotJson(model, other ?? "no content type")),
            };
        }
        catch (OperationCanceledException) when (patience.Passed is not Limit.None && !stop.IsCancellationRequested)
        {
            return answer.Failed(Faults.Timeout(model, patience.Passed, patience.Of(patience.Passed)));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && answer.Begun)
        {
            return answer.Stopped();
        }
        catch (HttpRequestException problem)
        {
            return answer.Failed(connected ? Broken(answer) : Faults.Unreachable(model, problem.HttpRequestError.ToString()));
        }
        catch (IOException)
        {
            return answer.Failed(Broken(answer));
        }
    }

    private static ModelFault Broken(AnswerBuilder answer) => Faults.Cut(answer.Model, answer.Begun ? "in the middle of its answer" : "before its first token");

    private static HttpRequestMessage Question(ModelDefinition model, ModelRequest request, Action connected)
    {
        var root = (model.BaseUrl ?? OpenAi).AbsoluteUri.TrimEnd('/');
        var question = new HttpRequestMessage(HttpMethod.Post, new Uri(root + "/chat/completions")) { Content = new SignallingContent(Body(model, request), connected) };
        question.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(request.Stream ? "text/event-stream" : "application/json"));
        if (model.ApiKey is { Length: > 0 } key)
            question.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        foreach (var (name, value) in model.Headers)
        {
            if (!question.Headers.TryAddWithoutValidation(name, value))
                question.Content.Headers.TryAddWithoutValidation(name, value);
        }

        return question;
    }

    /// <summary>The caller's body with only that changed which must change.</summary>
    private static ReadOnlyMemory<byte> Body(ModelDefinition model, ModelRequest request)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("model", model.Model ?? model.Name);
        foreach (var (name, value) in request.Body)
        {
            if (name is "model" or "stream" or "stream_options")
                continue;
            json.WritePropertyName(name);
            if (value is null)
                json.WriteNullValue();
            else
                value.WriteTo(json);
        }

        if (request.MaxTokens is { } most && !request.Body.ContainsKey("max_tokens") && !request.Body.ContainsKey("max_completion_tokens"))
            json.WriteNumber(TokenLimit(model), most);
        if (request.Stream)
        {
            json.WriteBoolean("stream", true);
            json.WriteStartObject("stream_options");
            json.WriteBoolean("include_usage", true);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>OpenAI refuses the old name for its reasoning models; most other servers know only that.</summary>
    private static string TokenLimit(ModelDefinition model) =>
        (model.BaseUrl ?? OpenAi).Host is var host && (host.EndsWith("openai.com", StringComparison.OrdinalIgnoreCase) || host.EndsWith("azure.com", StringComparison.OrdinalIgnoreCase))
            ? "max_completion_tokens"
            : "max_tokens";

    private async Task<ModelFault> RefusedAsync(ModelDefinition model, HttpResponseMessage response, CancellationToken stop)
    {
        var said = ReadOnlyMemory<byte>.Empty;
        try
        {
            await response.Content.LoadIntoBufferAsync(MaxErrorBytes, stop).ConfigureAwait(false);
            said = await response.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException)
        {
            // The status alone tells enough.
        }

        return OpenAiFaults.OfStatus(model, (int)response.StatusCode, RetryAfter.Of(response.Headers, time.GetUtcNow()), OpenAiError.Read(said));
    }
}
