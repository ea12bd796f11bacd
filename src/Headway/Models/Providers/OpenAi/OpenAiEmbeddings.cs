using System.Text.Json;

namespace Headway.Models.Providers.OpenAi;

/// <summary>Reads the answer to a call for embeddings: handed on as it came, floats and base64 alike.</summary>
/// <remarks>Source: platform.openai.com/docs/api-reference/embeddings.</remarks>
internal static class OpenAiEmbeddings
{
    public static async Task<ModelReply> ReadAsync(OpenAiAnswer answer, HttpResponseMessage response, Patience patience)
    {
        var body = await WholeBody<Embeddings>.ReadAsync(answer.Model, response, Wire.Default.Embeddings, patience).ConfigureAwait(false);
        if (body.Fault is { } fault)
            return answer.Failed(fault);
        if (body.Value?.Error is { ValueKind: not JsonValueKind.Null } error)
            return answer.Failed(OpenAiFaults.OfError(answer.Model, OpenAiError.Read(error)));
        if (body.Value?.Data is not { ValueKind: JsonValueKind.Array } data)
            return answer.Failed(Faults.Malformed(answer.Model, "a JSON body without data"));
        if (answer.KeepsWire && !WireAssembly.IsReadInOneWay(body.Bytes))
            return answer.Failed(Faults.Malformed(answer.Model, "a JSON body"));
        answer.Take(body.Value.Model, body.Value.Usage);
        return data.GetArrayLength() == 0 ? answer.Failed(Faults.Empty(answer.Model)) : answer.EndEmbeddings(body.Bytes);
    }
}
