using System.Net.Http.Headers;
using Headway.Features;

namespace Headway.Models.Providers.OpenAi;

/// <summary>Talks to any server that speaks the chat completions and the embeddings of the OpenAI API.</summary>
/// <remarks>Source: platform.openai.com/docs/api-reference/chat.</remarks>
internal sealed class OpenAiProvider(HttpMessageInvoker http, TimeProvider time, OpenAiHost host) : HttpProvider<OpenAiAnswer>(http, time)
{
    /// <inheritdoc/>
    public override string Name => host.Name;

    /// <inheritdoc/>
    protected override Question Write(ModelDefinition model, ModelRequest request) => (ModelKinds.Refuse(model, request), model.Kind) switch
    {
        ({ } refused, _) => new Question(null, default, false, refused),
        (_, ModelKind.Embedding) => new Question(host.Address(model, "embeddings"), OpenAiBody.Embedding(model, request), Streams: false),
        _ => new Question(host.Address(model, "chat/completions"), OpenAiBody.Chat(model, request, host.TokenLimit(model)), request.Stream),
    };

    /// <inheritdoc/>
    protected override void AddHeaders(HttpRequestHeaders headers, ModelDefinition model) => host.Authenticate(headers, model);

    /// <inheritdoc/>
    protected override OpenAiAnswer Begin(ModelDefinition model, ModelRequest request) => new(model, request);

    /// <inheritdoc/>
    protected override UpstreamLimits? LimitsOf(HttpResponseHeaders headers) => OpenAiLimits.Of(headers, Time.GetUtcNow());

    /// <inheritdoc/>
    protected override ModelFault OfStatus(ModelDefinition model, int status, TimeSpan? retryAfter, ReadOnlyMemory<byte> said) =>
        OpenAiFaults.OfStatus(model, status, retryAfter, OpenAiError.Read(said));

    /// <inheritdoc/>
    protected override AnswerStream Stream(OpenAiAnswer answer, Patience patience, PieceSink? show) => new OpenAiStream(answer, patience, show);

    /// <inheritdoc/>
    protected override Task<ModelReply> ReadWholeAsync(OpenAiAnswer answer, HttpResponseMessage response, PieceSink? show, Patience patience, CancellationToken stop) =>
        answer.Model.Kind is ModelKind.Embedding
            ? OpenAiEmbeddings.ReadAsync(answer, response, patience)
            : OpenAiWhole.ReadAsync(answer, response, show, patience, stop);
}
