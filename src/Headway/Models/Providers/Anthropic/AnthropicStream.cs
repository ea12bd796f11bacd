using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Headway.Models.Providers.Anthropic;

/// <summary>Reads an answer that comes in pieces (server-sent events).</summary>
/// <remarks>Source: platform.claude.com/docs/en/build-with-claude/streaming. It ends well only with a stop_reason and `message_stop`; a body that just ends
/// is what a dying upstream or a proxy between leaves behind. A ping says that the connection lives and the model is at work: once it has begun, the
/// limit on silence starts anew, so a model that thinks long unseen is not given up. It is no token: a model that has not begun is held to the first one,
/// and one that pings for ever to the limit on the whole.</remarks>
internal sealed class AnthropicStream(AnthropicAnswer answer, Patience patience, PieceSink? show)
{
    /// <summary>No model answers more in one call; what does is not an answer.</summary>
    private const long MaxBytes = 64 * 1024 * 1024;

    /// <summary>The head of the answer, held back until something of it has come: what was shown bars the next model of the chain.</summary>
    private ModelPiece _head;

    public async Task<ModelReply> ReadAsync(HttpResponseMessage response, CancellationToken stop)
    {
        using var body = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
        using var capped = new CappedStream(body, MaxBytes);
        try
        {
            var events = SseParser.Create(capped, Parse).EnumerateAsync(patience.Token);
            await foreach (var item in events.ConfigureAwait(false))
            {
                if (item.Data is not { } happened)
                    continue;
                if (happened.Type == "message_stop")
                    return await EndAsync(stop).ConfigureAwait(false);
                if (happened.Type == "error" || happened.Error is { ValueKind: not JsonValueKind.Null })
                    return answer.Failed(AnthropicFaults.OfError(answer.Model, AnthropicError.Read(happened.Error ?? default)));
                var piece = Take(happened);
                if (!answer.Begun)
                {
                    _head = piece.Chunk.IsEmpty ? _head : piece;
                    continue;
                }

                await ShowAsync(piece, stop).ConfigureAwait(false);
                patience.WaitFor(Limit.Idle);
            }
        }
        catch (JsonException)
        {
            return answer.Failed(Faults.Malformed(answer.Model, "an event"));
        }
        catch (CappedStreamException)
        {
            return answer.Failed(Faults.TooLarge(answer.Model, MaxBytes));
        }

        return answer.Failed(Faults.Cut(answer.Model, answer.Finished ? "before message_stop" : answer.Begun ? "in the middle of its answer" : "before its first token"));
    }

    /// <summary>What the event adds; events that are not known add nothing, as the API's rules of versioning ask.</summary>
    private ModelPiece Take(StreamEvent happened)
    {
        switch (happened.Type)
        {
            case "message_start" when happened.Message is { } body:
                return answer.Start(body);
            case "content_block_start" when happened.ContentBlock is { } block:
                return answer.Open(happened.Index, block);
            case "content_block_delta" when happened.Delta is { } delta:
                return answer.Add(happened.Index, delta);
            case "content_block_stop":
                return answer.Close(happened.Index);
            case "message_delta":
                answer.Stop(happened.Delta?.StopReason, happened.Delta?.StopDetails, happened.Usage);
                return default;
            default:
                return default;
        }
    }

    private async ValueTask<ModelReply> EndAsync(CancellationToken stop)
    {
        if (!answer.Finished)
            return answer.Failed(Faults.Cut(answer.Model, "without a stop_reason"));
        var reply = answer.End();
        if (reply is ModelReply.Answered answered)
        {
            foreach (var piece in answer.Last(answered.Answer))
                await ShowAsync(piece, stop).ConfigureAwait(false);
        }

        return reply;
    }

    private async ValueTask ShowAsync(ModelPiece piece, CancellationToken stop)
    {
        if (show is null || piece.Text is null && piece.Chunk.IsEmpty)
            return;
        patience.Pause();
        var head = _head;
        _head = default;
        if (!head.Chunk.IsEmpty)
            await show(head, stop).ConfigureAwait(false);
        await show(piece, stop).ConfigureAwait(false);
    }

    private static StreamEvent? Parse(string kind, ReadOnlySpan<byte> data) => data.IsEmpty ? null : JsonSerializer.Deserialize(data, AnthropicWire.Default.StreamEvent);
}
