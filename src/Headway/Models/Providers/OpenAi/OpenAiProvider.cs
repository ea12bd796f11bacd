using System.Net;
using System.Net.Http.Headers;
using Headway.Features;

namespace Headway.Models.Providers.OpenAi;

/// <summary>Talks to any server that speaks the chat completions and the embeddings of the OpenAI API.</summary>
/// <remarks>Source: platform.openai.com/docs/api-reference/chat. Nothing that arrives is trusted to be complete: an answer counts
/// only when it says itself that it has ended.</remarks>
internal sealed class OpenAiProvider(HttpMessageInvoker http, TimeProvider time, OpenAiHost host) : Provider
{
    /// <summary>Longer error bodies are not error objects.</summary>
    private const int MaxErrorBytes = 64 * 1024;

    /// <inheritdoc/>
    public override string Name => host.Name;

    /// <inheritdoc/>
    public override async Task<ModelReply> AskAsync(ModelDefinition model, ModelRequest request, PieceSink? show, CancellationToken stop)
    {
        if (ModelKinds.Refuse(model, request) is { } refused)
            return new ModelReply.Failed(refused);
        using var patience = new Patience(model.Timeouts, time, request.Silence, stop);
        var answer = new AnswerBuilder(model, request);
        var streams = request.Stream && model.Kind is ModelKind.Chat;
        var connected = false;
        try
        {
            patience.WaitFor(Limit.Connect);
            using var question = Question(model, request, streams, () =>
            {
                connected = true;
                patience.WaitFor(streams ? Limit.FirstToken : Limit.Total);
            });
            using var response = await http.SendAsync(question, patience.Token).ConfigureAwait(false);
            answer.Limits = OpenAiLimits.Of(response.Headers, time.GetUtcNow());
            if (!response.IsSuccessStatusCode)
                return answer.Failed(await RefusedAsync(model, response, patience.Token).ConfigureAwait(false));
            return response.Content.Headers.ContentType?.MediaType switch
            {
                "application/json" when model.Kind is ModelKind.Embedding => await OpenAiEmbeddings.ReadAsync(answer, response, patience).ConfigureAwait(false),
                "text/event-stream" when model.Kind is ModelKind.Chat => await new OpenAiStream(answer, patience, show).ReadAsync(response, stop).ConfigureAwait(false),
                "application/json" => await OpenAiWhole.ReadAsync(answer, response, show, patience, stop).ConfigureAwait(false),
                var other => answer.Failed(other is null && response.Content.Headers.ContentLength is 0 ? Faults.Empty(model) : Faults.NotJson(model, other ?? "no content type")),
            };
        }
        catch (OperationCanceledException) when (patience.Passed is not Limit.None && !stop.IsCancellationRequested)
        {
            return answer.Failed(patience.Fault(model));
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

    private HttpRequestMessage Question(ModelDefinition model, ModelRequest request, bool streams, Action connected)
    {
        var embeds = model.Kind is ModelKind.Embedding;
        var body = embeds ? OpenAiBody.Embedding(model, request) : OpenAiBody.Chat(model, request, host.TokenLimit(model));
        var question = new HttpRequestMessage(HttpMethod.Post, host.Address(model, embeds ? "embeddings" : "chat/completions"))
        {
            Content = new SignallingContent(body, connected),
            // Over TLS the server may choose HTTP/2, and hundreds of calls then share a connection; without TLS it stays HTTP/1.1.
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        ModelHeaders.Add(question, model, request.Labels);
        if (!question.Headers.Contains("Accept"))
            question.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(streams ? "text/event-stream" : "application/json"));
        host.Authenticate(question.Headers, model);
        return question;
    }

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
