using System.Text.Json;

namespace Headway.Models.Providers.Anthropic;

/// <summary>Reads an answer that comes in one piece: asked for so, or from a server that does not stream.</summary>
internal static class AnthropicWhole
{
    public static async Task<ModelReply> ReadAsync(AnthropicAnswer answer, HttpResponseMessage response, PieceSink? show, Patience patience, CancellationToken stop)
    {
        var body = await WholeBody<AnthropicBody>.ReadAsync(answer.Model, response, AnthropicWire.Default.AnthropicBody, patience).ConfigureAwait(false);
        if (body.Fault is { } fault)
            return answer.Failed(fault);
        if (body.Value?.Error is { ValueKind: not JsonValueKind.Null } error)
            return answer.Failed(AnthropicFaults.OfError(answer.Model, AnthropicError.Read(error)));
        if (body.Value?.Content is not { } content || content.Contains(null!))
            return answer.Failed(Faults.Malformed(answer.Model, "a JSON body without content"));
        var pieces = Pieces(answer, body.Value).ToList();
        if (!answer.Finished)
            return answer.Failed(Faults.Cut(answer.Model, "without a stop_reason"));
        var reply = answer.End();
        if (reply is not ModelReply.Answered answered || show is null)
            return reply;
        foreach (var piece in pieces.Concat(answer.Last(answered.Answer)).Where(piece => !piece.IsNothing))
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

        yield return answer.Stop(whole.StopReason, whole.StopDetails, whole.Usage);
    }
}
