using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Headway.Features.Schemas;
using Microsoft.Extensions.AI;

namespace Headway.Models.Chat;

/// <summary>A model of the feature file for code: limits, timeouts, the data rule, disclosure and cost hold for every call.</summary>
internal sealed class HeadwayChatClient(ModelCatalog catalog, string model, ChainTerms terms, ReadOnlyMemory<byte> input, int attempt, RequestLabels labels) : IChatClient
{
    /// <summary>Pieces that may wait for their reader; a slower reader slows the model down, not this node's memory up.</summary>
    private const int WaitingPieces = 64;

    private readonly ModelChain _chain = new(catalog, [model]);

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var answer = await AskAsync(Request(messages, options), null, cancellationToken).ConfigureAwait(false);
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, ChatWire.Contents(answer)))
        {
            ModelId = answer.Model,
            FinishReason = new ChatFinishReason(answer.FinishReason),
            Usage = ChatWire.Usage(answer),
        };
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = Request(messages, options);
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pieces = Channel.CreateBounded<string>(new BoundedChannelOptions(WaitingPieces) { SingleReader = true, SingleWriter = true });
        var asking = AskIntoAsync(request, pieces.Writer, left.Token);
        try
        {
            await foreach (var piece in pieces.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                yield return new ChatResponseUpdate(ChatRole.Assistant, piece) { ModelId = model };
            var answer = await asking.ConfigureAwait(false);
            yield return new ChatResponseUpdate(ChatRole.Assistant, [.. SignedThinking(answer), .. ChatWire.Calls(answer), new UsageContent(ChatWire.Usage(answer))])
            {
                ModelId = answer.Model,
                FinishReason = new ChatFinishReason(answer.FinishReason),
            };
        }
        finally
        {
            // A reader that stops early must not leave a paid call running.
            await left.CancelAsync().ConfigureAwait(false);
            await ((Task)asking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null)
            return null;
        if (serviceType == typeof(ChatClientMetadata))
            return new ChatClientMetadata("headway", null, model);
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    // Thinking that nobody gives back was not shown while it came, and is nothing to show after the answer.
    private static IEnumerable<AIContent> SignedThinking(ModelAnswer answer) => answer.Thoughts is null ? [] : ChatWire.Thinking(answer);

    private async Task<ModelAnswer> AskIntoAsync(ModelRequest request, ChannelWriter<string> pieces, CancellationToken stop)
    {
        try
        {
            return await AskAsync(request, (piece, left) => piece.Text is { } text ? pieces.WriteAsync(text, left) : ValueTask.CompletedTask, stop).ConfigureAwait(false);
        }
        finally
        {
            pieces.TryComplete();
        }
    }

    private async Task<ModelAnswer> AskAsync(ModelRequest request, PieceSink? show, CancellationToken stop)
    {
        // What the code has read cannot be taken back: from its first piece on the call goes on or fails.
        var given = false;
        var asked = terms with
        {
            FirstModel = 0,
            Show = show is null ? null : (piece, left) =>
            {
                given |= piece.Text is not null;
                return show(piece, left);
            },
            Shown = () => given,
            TakeBack = null,
            Judge = (definition, answer) => request.Schema is { } schema && answer.ToolCalls is null ? JsonAnswers.Judge(definition, schema, answer.Text) : null,
        };
        var reply = await _chain.AskAsync(request, asked, stop).ConfigureAwait(false);
        return reply.Answer ?? throw new ModelFailedException(reply.Failure!);
    }

    private ModelRequest Request(IEnumerable<ChatMessage> messages, ChatOptions? options) => new()
    {
        Body = ChatWire.Body(messages, options, thinksOn: catalog.Find(model) is { } definition && catalog.ProviderOf(definition)?.TakesThoughts is true),
        Input = input,
        Schema = SchemaOf(options),
        Attempt = attempt,
        Labels = labels,
        MaxTokens = options?.MaxOutputTokens,
    };

    /// <summary>Schemas made from .NET types may use more than can be enforced; then the code that reads the value is the judge.</summary>
    private static ValueSchema? SchemaOf(ChatOptions? options) =>
        options?.ResponseFormat is ChatResponseFormatJson { Schema: { } schema } && JsonSchemaText.Check(schema.GetRawText()).Count == 0 ? ValueSchema.Parse(schema.GetRawText()) : null;
}
