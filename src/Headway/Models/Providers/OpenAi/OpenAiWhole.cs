using System.Text.Json;

namespace Headway.Models.Providers.OpenAi;

/// <summary>Reads an answer that comes in one piece: asked for so, or from a server that does not stream.</summary>
internal static class OpenAiWhole
{
    private const long MaxBytes = 64 * 1024 * 1024;

    public static async Task<ModelReply> ReadAsync(AnswerBuilder answer, HttpResponseMessage response, PieceSink? show, Patience patience, CancellationToken stop)
    {
        patience.WaitFor(Limit.None);
        Completion? whole;
        try
        {
            var body = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
            using var capped = new CappedStream(body, MaxBytes);
            whole = await JsonSerializer.DeserializeAsync(capped, Wire.Default.Completion, patience.Token).ConfigureAwait(false);
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
            return answer.Failed(OpenAiFaults.OfError(answer.Model, OpenAiError.Read(error)));
        if (whole?.Choices is not { Count: > 0 })
            return answer.Failed(Faults.Malformed(answer.Model, "a JSON body without choices"));
        var text = answer.Add(whole);
        if (!answer.Finished)
            return answer.Failed(Faults.Cut(answer.Model, "without a finish_reason"));
        var reply = answer.End();
        if (reply is ModelReply.Answered && text is not null && show is not null)
            await show(new ModelPiece(text, default), stop).ConfigureAwait(false);
        return reply;
    }
}
