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

    private readonly WireAssembly? _wire = answer.KeepsWire ? new WireAssembly() : null;

    // What comes before the first token (a role, the filters of Azure) waits for it: once a byte was shown, no other model can be asked.
    private readonly List<ModelPiece> _held = [];

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
                    return await EndAsync(stop).ConfigureAwait(false);
                if (item.Data.Error is { } error)
                    return answer.Failed(OpenAiFaults.OfError(answer.Model, error));
                if (item.Data.Completion is { } chunk)
                    await TakeAsync(chunk, item.Data.Bytes, stop).ConfigureAwait(false);
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

    private async ValueTask TakeAsync(Completion chunk, byte[]? bytes, CancellationToken stop)
    {
        var text = answer.Add(chunk);
        if (bytes is not null)
            _wire?.Add(bytes);
        if (show is not null && (text is not null || bytes is not null))
            _held.Add(new ModelPiece(text, bytes));
        // A chunk with the role alone is no token: some servers send it at once and then think for a minute.
        if (!answer.Begun)
            return;
        if (_held.Count > 0)
        {
            patience.Pause();
            await ShowHeldAsync(stop).ConfigureAwait(false);
        }

        patience.WaitFor(Limit.Idle);
    }

    private async ValueTask<ModelReply> EndAsync(CancellationToken stop)
    {
        if (!answer.Finished)
            return answer.Failed(Faults.Cut(answer.Model, "without a finish_reason"));
        var reply = answer.End(_wire?.End() ?? default);
        if (reply is ModelReply.Answered)
            await ShowHeldAsync(stop).ConfigureAwait(false);
        return reply;
    }

    private async ValueTask ShowHeldAsync(CancellationToken stop)
    {
        foreach (var piece in _held)
            await show!(piece, stop).ConfigureAwait(false);
        _held.Clear();
    }

    private Piece Parse(string kind, ReadOnlySpan<byte> data)
    {
        if (data.SequenceEqual("[DONE]"u8))
            return new Piece { Done = true };
        if (data.IsEmpty)
            return default;
        var chunk = JsonSerializer.Deserialize(data, Wire.Default.Completion);
        if (chunk?.Error is { ValueKind: not JsonValueKind.Null } error)
            return new Piece { Error = OpenAiError.Read(error) };
        if (kind == "error")
            return new Piece { Error = OpenAiError.Read(data.ToArray()) ?? new OpenAiError(null, null, null) };
        return new Piece { Completion = chunk, Bytes = _wire is null ? null : data.ToArray() };
    }

    private readonly record struct Piece(Completion? Completion, byte[]? Bytes, OpenAiError? Error, bool Done);
}
