using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Headway.Models.Providers.OpenAi;

/// <summary>Reads an answer that comes in pieces (server-sent events).</summary>
/// <remarks>It ends well only with a finish_reason and `[DONE]`. A body that just ends is what a dying upstream or a proxy between
/// leaves behind, and would pass half an answer off as a whole one.</remarks>
internal sealed class OpenAiStream(AnswerBuilder answer, Patience patience, PieceSink? show)
{
    /// <summary>No model answers more in one call; what does is not an answer.</summary>
    private const long MaxBytes = 64 * 1024 * 1024;

    public async Task<ModelReply> ReadAsync(HttpResponseMessage response, CancellationToken stop)
    {
        using var body = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
        using var capped = new CappedStream(body, MaxBytes);
        try
        {
            var events = SseParser.Create(capped, Parse).EnumerateAsync(patience.Token);
            await foreach (var item in events.ConfigureAwait(false))
            {
                if (item.Data.Done)
                    return answer.Finished ? answer.End() : answer.Failed(Faults.Cut(answer.Model, "without a finish_reason"));
                if (item.Data.Completion is not { } chunk)
                    continue;
                if (chunk.Error is { ValueKind: not JsonValueKind.Null } error)
                    return answer.Failed(OpenAiFaults.OfError(answer.Model, OpenAiError.Read(error)));
                await TakeAsync(chunk, stop).ConfigureAwait(false);
            }
        }
        catch (JsonException)
        {
            return answer.Failed(Faults.Malformed(answer.Model, "a chunk"));
        }
        catch (CappedStreamException)
        {
            return answer.Failed(Faults.TooLarge(answer.Model, MaxBytes));
        }

        return answer.Failed(Faults.Cut(answer.Model, answer.Finished ? "before [DONE]" : answer.Begun ? "in the middle of its answer" : "before its first token"));
    }

    private async ValueTask TakeAsync(Completion chunk, CancellationToken stop)
    {
        var text = answer.Add(chunk);
        if (text is not null && show is not null)
        {
            patience.Pause();
            await show(new ModelPiece(text, default), stop).ConfigureAwait(false);
        }

        // A chunk with the role alone is no token: some servers send it at once and then think for a minute.
        if (answer.Begun)
            patience.WaitFor(Limit.Idle);
    }

    private static Piece Parse(string kind, ReadOnlySpan<byte> data)
    {
        if (data.SequenceEqual("[DONE]"u8))
            return new Piece(null, true);
        return data.IsEmpty ? default : new Piece(JsonSerializer.Deserialize(data, Wire.Default.Completion), false);
    }

    private readonly record struct Piece(Completion? Completion, bool Done);
}
