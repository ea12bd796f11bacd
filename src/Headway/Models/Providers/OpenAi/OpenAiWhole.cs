using System.Text.Json;

namespace Headway.Models.Providers.OpenAi;

/// <summary>Reads an answer that comes in one piece: asked for so, or from a server that does not stream.</summary>
internal static class OpenAiWhole
{
    public static async Task<ModelReply> ReadAsync(OpenAiAnswer answer, HttpResponseMessage response, PieceSink? show, Patience patience, CancellationToken stop)
    {
        var body = await WholeBody<Completion>.ReadAsync(answer.Model, response, Wire.Default.Completion, patience).ConfigureAwait(false);
        if (body.Fault is { } fault)
            return answer.Failed(fault);
        if (body.Value?.Error is { ValueKind: not JsonValueKind.Null } error)
            return answer.Failed(OpenAiFaults.OfError(answer.Model, OpenAiError.Read(error)));
        if (body.Value is not { Choices.Count: > 0, IsSound: true })
            return answer.Failed(Faults.Malformed(answer.Model, "a JSON body without choices"));
        if (answer.KeepsWire && !WireAssembly.IsReadInOneWay(body.Bytes))
            return answer.Failed(Faults.Malformed(answer.Model, "a JSON body"));
        var text = answer.Add(body.Value);
        if (!answer.Finished)
            return answer.Failed(Faults.Cut(answer.Model, "without a finish_reason"));
        var reply = answer.End(answer.KeepsWire ? body.Bytes : default);
        if (reply is ModelReply.Answered && show is not null && (text is not null || answer.KeepsWire))
            await show(new ModelPiece(text, answer.KeepsWire ? WireAssembly.ChunkOf(body.Bytes) : default), stop).ConfigureAwait(false);
        return reply;
    }
}
