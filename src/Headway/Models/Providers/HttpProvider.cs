using System.Net;
using System.Net.Http.Headers;
using Headway.Features;
using Headway.Streams;

namespace Headway.Models.Providers;

/// <summary>Sends one call over HTTP, keeps its time limits, and makes a value of whatever comes or does not come back. What differs between APIs is how they put it.</summary>
/// <remarks>Nothing that arrives is trusted to be complete: an answer counts only when it says itself that it has ended.</remarks>
internal abstract class HttpProvider<TAnswer>(HttpMessageInvoker http, TimeProvider time) : Provider
    where TAnswer : ArrivingAnswer
{
    protected TimeProvider Time => time;

    /// <inheritdoc/>
    public sealed override async Task<ModelReply> AskAsync(ModelDefinition model, ModelRequest request, PieceSink? show, CancellationToken stop)
    {
        var written = Write(model, request);
        if (written.Fault is { } refused)
            return new ModelReply.Failed(refused);
        using var patience = new Patience(model.Timeouts, time, request.Silence, stop);
        var answer = Begin(model, request);
        var connected = false;
        try
        {
            patience.WaitFor(Limit.Connect);
            using var question = Question(model, request, written, () =>
            {
                connected = true;
                patience.WaitFor(written.Streams ? Limit.FirstToken : Limit.Total);
            });
            using var response = await http.SendAsync(question, patience.Token).ConfigureAwait(false);
            answer.Limits = LimitsOf(response.Headers);
            if (!response.IsSuccessStatusCode)
                return answer.Failed(await RefusedAsync(model, response, stop).ConfigureAwait(false));
            return response.Content.Headers.ContentType?.MediaType switch
            {
                "text/event-stream" when model.Kind is ModelKind.Chat => await Stream(answer, patience, show).ReadAsync(response, stop).ConfigureAwait(false),
                "application/json" => await ReadWholeAsync(answer, response, show, patience, stop).ConfigureAwait(false),
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
        catch (OutputFullException full)
        {
            // What the model said so far is paid, although nobody can be shown the rest.
            return answer.Failed(Faults.OutputTooLong(model, full));
        }
        catch (HttpRequestException problem)
        {
            return connected ? answer.Broken() : answer.Failed(Faults.Unreachable(model, problem.HttpRequestError.ToString()));
        }
        catch (IOException)
        {
            return answer.Broken();
        }
    }

    /// <summary>What is sent, and where; or why this API cannot be asked.</summary>
    protected abstract Question Write(ModelDefinition model, ModelRequest request);

    /// <summary>Shows the key and what else the API wants, unless a declared header already does.</summary>
    protected abstract void AddHeaders(HttpRequestHeaders headers, ModelDefinition model);

    protected abstract TAnswer Begin(ModelDefinition model, ModelRequest request);

    /// <summary>What the provider says is left of its limits.</summary>
    protected abstract UpstreamLimits? LimitsOf(HttpResponseHeaders headers);

    /// <param name="said">The body, as far as it came.</param>
    protected abstract ModelFault OfStatus(ModelDefinition model, int status, TimeSpan? retryAfter, ReadOnlyMemory<byte> said);

    /// <summary>Reads an answer that comes in pieces.</summary>
    protected abstract AnswerStream Stream(TAnswer answer, Patience patience, PieceSink? show);

    /// <summary>Reads an answer that comes in one piece: asked for so, or from a server that does not stream.</summary>
    protected abstract Task<ModelReply> ReadWholeAsync(TAnswer answer, HttpResponseMessage response, PieceSink? show, Patience patience, CancellationToken stop);

    private HttpRequestMessage Question(ModelDefinition model, ModelRequest request, Question written, Action connected)
    {
        var question = new HttpRequestMessage(HttpMethod.Post, written.Address)
        {
            Content = new SignallingContent(written.Body, connected),
            // Over TLS the server may choose HTTP/2, and hundreds of calls then share a connection; without TLS it stays HTTP/1.1.
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        ModelHeaders.Add(question, model, request.Labels);
        if (!question.Headers.Contains("Accept"))
            question.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(written.Streams ? "text/event-stream" : "application/json"));
        AddHeaders(question.Headers, model);
        return question;
    }

    private async Task<ModelFault> RefusedAsync(ModelDefinition model, HttpResponseMessage response, CancellationToken stop)
    {
        var retryAfter = RetryAfter.Of(response.Headers, time.GetUtcNow());
        return OfStatus(model, (int)response.StatusCode, retryAfter, await ErrorBody.ReadAsync(response.Content, time, stop).ConfigureAwait(false));
    }
}

/// <summary>A call as it is sent.</summary>
/// <param name="Streams">The answer is asked for in pieces.</param>
/// <param name="Fault">Not null: nothing can be sent.</param>
internal readonly record struct Question(Uri? Address, ReadOnlyMemory<byte> Body, bool Streams, ModelFault? Fault = null);
