using System.Net.Http.Headers;
using System.Text;
using Headway.Features;

namespace Headway.Models.Providers.Anthropic;

/// <summary>Talks to the Messages API of Anthropic, and to gateways that speak it.</summary>
/// <remarks>Source: platform.claude.com/docs/en/api/messages. The wire is read here and not by Anthropic's library: limits in time, streams that were cut and
/// answers in OpenAI's form need every event as it came.</remarks>
internal sealed class AnthropicProvider(HttpMessageInvoker http, TimeProvider time) : HttpProvider<AnthropicAnswer>(http, time)
{
    /// <summary>The version of the API that this code was written for; newer fields come without a newer version.</summary>
    private const string Version = "2023-06-01";

    /// <summary>For a model that names no baseUrl.</summary>
    private static readonly Uri Anthropic = new("https://api.anthropic.com");

    /// <inheritdoc/>
    public override string Name => "anthropic";

    /// <inheritdoc/>
    public override bool TakesThoughts => true;

    /// <inheritdoc/>
    protected override Question Write(ModelDefinition model, ModelRequest request)
    {
        var (body, objection) = AnthropicRequest.Of(model, request);
        return body is null
            ? new Question(null, default, false, AnthropicFaults.OfObjection(model, objection!))
            : new Question(Address(model.BaseUrl ?? Anthropic), Encoding.UTF8.GetBytes(body.ToJsonString()), request.Stream);
    }

    /// <inheritdoc/>
    protected override void AddHeaders(HttpRequestHeaders headers, ModelDefinition model)
    {
        // The model's own header of that name is meant: twice the same is refused.
        if (!headers.Contains("anthropic-version"))
            headers.TryAddWithoutValidation("anthropic-version", Version);
        if (model.ApiKey is { Length: > 0 } key && !headers.Contains("x-api-key"))
            headers.TryAddWithoutValidation("x-api-key", key);
    }

    /// <inheritdoc/>
    protected override AnthropicAnswer Begin(ModelDefinition model, ModelRequest request) => new(model, request, Time);

    /// <inheritdoc/>
    protected override UpstreamLimits? LimitsOf(HttpResponseHeaders headers) => AnthropicLimits.Of(headers, Time.GetUtcNow());

    /// <inheritdoc/>
    protected override ModelFault OfStatus(ModelDefinition model, int status, TimeSpan? retryAfter, ReadOnlyMemory<byte> said) =>
        AnthropicFaults.OfStatus(model, status, retryAfter, AnthropicError.Read(said));

    /// <inheritdoc/>
    protected override AnswerStream Stream(AnthropicAnswer answer, Patience patience, PieceSink? show) => new AnthropicStream(answer, patience, show);

    /// <inheritdoc/>
    protected override Task<ModelReply> ReadWholeAsync(AnthropicAnswer answer, HttpResponseMessage response, PieceSink? show, Patience patience, CancellationToken stop) =>
        AnthropicWhole.ReadAsync(answer, response, show, patience, stop);

    /// <summary>With `/v1` at its end, as OpenAI's servers are named, or without, as Anthropic's own library has it.</summary>
    private static Uri Address(Uri baseUrl)
    {
        var root = baseUrl.AbsoluteUri.TrimEnd('/');
        return new Uri(root.EndsWith("/v1", StringComparison.Ordinal) ? $"{root}/messages" : $"{root}/v1/messages");
    }
}
