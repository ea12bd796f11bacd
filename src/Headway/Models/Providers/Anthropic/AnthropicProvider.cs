using System.Net.Http.Headers;
using System.Text;
using Headway.Features;

namespace Headway.Models.Providers.Anthropic;

/// <summary>Talks to the Messages API of Anthropic, and to gateways that speak it.</summary>
/// <remarks>Source: platform.claude.com/docs/en/api/messages. The wire is read here and not by Anthropic's library: limits in time, streams that were cut and
/// answers in OpenAI's form need every event as it came.</remarks>
internal sealed class AnthropicProvider(HttpMessageInvoker http, TimeProvider time) : Provider
{
    /// <summary>The version of the API that this code was written for; newer fields come without a newer version.</summary>
    private const string Version = "2023-06-01";

    /// <summary>Longer error bodies are not error objects.</summary>
    private const int MaxErrorBytes = 64 * 1024;

    /// <summary>For a model that names no baseUrl.</summary>
    private static readonly Uri Anthropic = new("https://api.anthropic.com");

    /// <inheritdoc/>
    public override string Name => "anthropic";

    /// <inheritdoc/>
    public override async Task<ModelReply> AskAsync(ModelDefinition model, ModelRequest request, PieceSink? show, CancellationToken stop)
    {
        var (body, objection) = AnthropicRequest.Of(model, request);
        if (body is null)
            return new ModelReply.Failed(AnthropicFaults.OfObjection(model, objection!));
        var json = Encoding.UTF8.GetBytes(body.ToJsonString());

        using var patience = new Patience(model.Timeouts, time, request.Silence, stop);
        var answer = new AnthropicAnswer(model, request, time);
        var connected = false;
        UpstreamLimits? limits = null;
        try
        {
            patience.WaitFor(Limit.Connect);
            using var question = Question(model, request, json, () =>
            {
                connected = true;
                patience.WaitFor(request.Stream ? Limit.FirstToken : Limit.Total);
            });
            using var response = await http.SendAsync(question, patience.Token).ConfigureAwait(false);
            limits = AnthropicLimits.Of(response.Headers, time.GetUtcNow());
            return await ReadAsync(answer, response, show, patience, stop).ConfigureAwait(false) with { Limits = limits };
        }
        catch (OperationCanceledException) when (patience.Passed is not Limit.None && !stop.IsCancellationRequested)
        {
            return answer.Failed(patience.Fault(model)) with { Limits = limits };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && answer.Begun)
        {
            return answer.Stopped();
        }
        catch (HttpRequestException problem)
        {
            return answer.Failed(connected ? Broken(answer) : Faults.Unreachable(model, problem.HttpRequestError.ToString())) with { Limits = limits };
        }
        catch (IOException)
        {
            return answer.Failed(Broken(answer)) with { Limits = limits };
        }
    }

    private async Task<ModelReply> ReadAsync(AnthropicAnswer answer, HttpResponseMessage response, PieceSink? show, Patience patience, CancellationToken stop)
    {
        if (!response.IsSuccessStatusCode)
            return new ModelReply.Failed(await RefusedAsync(answer.Model, response, patience.Token).ConfigureAwait(false));
        return response.Content.Headers.ContentType?.MediaType switch
        {
            "text/event-stream" => await new AnthropicStream(answer, patience, show).ReadAsync(response, stop).ConfigureAwait(false),
            "application/json" => await AnthropicWhole.ReadAsync(answer, response, show, patience, stop).ConfigureAwait(false),
            var other => answer.Failed(other is null && response.Content.Headers.ContentLength is 0 ? Faults.Empty(answer.Model) : Faults.NotJson(answer.Model, other ?? "no content type")),
        };
    }

    private static ModelFault Broken(AnthropicAnswer answer) => Faults.Cut(answer.Model, answer.Begun ? "in the middle of its answer" : "before its first token");

    private static HttpRequestMessage Question(ModelDefinition model, ModelRequest request, ReadOnlyMemory<byte> json, Action connected)
    {
        var question = new HttpRequestMessage(HttpMethod.Post, Address(model.BaseUrl ?? Anthropic)) { Content = new SignallingContent(json, connected) };
        question.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(request.Stream ? "text/event-stream" : "application/json"));
        ModelHeaders.Add(question, model, request.Labels);
        // The model's own header of that name is meant: twice the same is refused.
        if (!question.Headers.Contains("anthropic-version"))
            question.Headers.TryAddWithoutValidation("anthropic-version", Version);
        if (model.ApiKey is { Length: > 0 } key && !question.Headers.Contains("x-api-key"))
            question.Headers.TryAddWithoutValidation("x-api-key", key);
        return question;
    }

    /// <summary>With `/v1` at its end, as OpenAI's servers are named, or without, as Anthropic's own library has it.</summary>
    private static Uri Address(Uri baseUrl)
    {
        var root = baseUrl.AbsoluteUri.TrimEnd('/');
        return new Uri(root.EndsWith("/v1", StringComparison.Ordinal) ? $"{root}/messages" : $"{root}/v1/messages");
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

        return AnthropicFaults.OfStatus(model, (int)response.StatusCode, RetryAfter.Of(response.Headers, time.GetUtcNow()), AnthropicError.Read(said));
    }
}
