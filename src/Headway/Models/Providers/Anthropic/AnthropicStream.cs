using System.Text.Json;

namespace Headway.Models.Providers.Anthropic;

/// <summary>The events of a message, a `stop_reason` and `message_stop`.</summary>
/// <remarks>Source: platform.claude.com/docs/en/build-with-claude/streaming. A ping says that the connection lives and the model is at work: once it has begun, the
/// limit on silence starts anew, so a model that thinks long unseen is not given up. It is no token: a model that has not begun is held to the first one,
/// and one that pings for ever to the limit on the whole.</remarks>
internal sealed class AnthropicStream(AnthropicAnswer answer, Patience patience, PieceSink? show) : AnswerStream<StreamEvent?>(answer, patience, show)
{
    /// <inheritdoc/>
    protected override string Event => "an event";

    /// <inheritdoc/>
    protected override string Reason => "stop_reason";

    /// <inheritdoc/>
    protected override string EndMark => "message_stop";

    /// <inheritdoc/>
    protected override StreamEvent? Parse(string kind, ReadOnlySpan<byte> data) => data.IsEmpty ? null : JsonSerializer.Deserialize(data, AnthropicWire.Default.StreamEvent);

    /// <summary>What the event adds; events that are not known add nothing, as the API's rules of versioning ask.</summary>
    protected override Taken Take(StreamEvent? happened) => happened switch
    {
        null => Taken.Nothing,
        { Type: "message_stop" } => Taken.End,
        { Type: "error" } or { Error.ValueKind: not JsonValueKind.Null } => Taken.Failed(AnthropicFaults.OfError(answer.Model, AnthropicError.Read(happened.Error ?? default))),
        { Type: "message_start", Message: { } body } => new Taken(answer.Start(body)),
        { Type: "content_block_start", ContentBlock: { } block } => new Taken(answer.Open(happened.Index, block)),
        { Type: "content_block_delta", Delta: { } delta } => new Taken(answer.Add(happened.Index, delta)),
        { Type: "content_block_stop" } => new Taken(answer.Close(happened.Index)),
        { Type: "message_delta" } => new Taken(answer.Stop(happened.Delta?.StopReason, happened.Delta?.StopDetails, happened.Usage)),
        _ => default,
    };

    /// <inheritdoc/>
    protected override ModelReply End(Action<ModelPiece> last)
    {
        var reply = answer.End();
        if (reply is ModelReply.Answered answered)
        {
            foreach (var piece in answer.Last(answered.Answer))
                last(piece);
        }

        return reply;
    }
}
