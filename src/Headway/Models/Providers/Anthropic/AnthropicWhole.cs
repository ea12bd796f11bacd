using System.Text.Json;

namespace Headway.Models.Providers.Anthropic;

/// <summary>Reads an answer that comes in one piece: asked for so, or from a server that does not stream.</summary>
internal static class AnthropicWhole
{
    private const long MaxBytes = 64 * 1024 * 1024;

    public static async Task<ModelReply> ReadAsync(AnthropicAnswer answer, HttpResponseMessage response, PieceSink? show, Patience patience, CancellationToken stop)
    {
        patience.WaitFor(Limit.Total);
        AnthropicBody? whole;
        try
        {
            var body = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
            using var capped = new CappedStream(body, MaxBytes);
            whole = await JsonSerializer.DeserializeAsync(capped, AnthropicWire.Default.AnthropicBody, patience.Token).ConfigureAwait(false);
        }
        catch (JsonException problem)
        {
            return answer.Failed(problem is { LineNumber: 0, BytePositionInLine: 0 } ? Faults.Empty(answer.Model) : Faults.Malformed(answer.Model, "a JSON body"));
        }
        catch (CappedStreamException)
        {
            return answer.Failed(Faults.TooLarge(answer.Model, MaxBytes));
        }

        if (whole?.Error is { ValueKind: not JsonValueKind.Null } error)
            return answer.Failed(AnthropicFaults.OfError(answer.Model, AnthropicError.Read(error)));
        if (whole?.Content is null)
            return answer.Failed(Faults.Malformed(answer.Model, "a JSON body without content"));
        var pieces = Pieces(answer, whole).ToList();
        if (!answer.Finished)
            return answer.Failed(Faults.Cut(answer.Model, "without a stop_reason"));
        var reply = answer.End();
        if (reply is not ModelReply.Answered answered || show is null)
            return reply;
        foreach (var piece in pieces.Concat(answer.Last(answered.Answer)).Where(piece => piece.Text is not null || !piece.Chunk.IsEmpty))
            await show(piece, stop).ConfigureAwait(false);
        return reply;
    }

    /// <summary>The same pieces that a stream would have brought, only larger.</summary>
    private static IEnumerable<ModelPiece> Pieces(AnthropicAnswer answer, AnthropicBody whole)
    {
        yield return answer.Start(whole);
        for (var i = 0; i < whole.Content!.Count; i++)
        {
            yield return answer.Open(i, whole.Content[i]);
            yield return answer.Close(i);
        }

        answer.Stop(whole.StopReason, whole.StopDetails, whole.Usage);
    }
}
