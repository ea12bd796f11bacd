using System.Text.Json;

namespace Headway.Models.Providers.OpenAi;

/// <summary>The chunks of a chat completion, a `finish_reason` and `[DONE]`.</summary>
internal sealed class OpenAiStream(OpenAiAnswer answer, Patience patience, PieceSink? show) : AnswerStream<OpenAiStream.Chunk>(answer, patience, show)
{
    private readonly WireAssembly? _wire = answer.KeepsWire ? new WireAssembly() : null;
    private readonly RepeatedChunk _last = new();

    /// <inheritdoc/>
    protected override string Event => "a chunk";

    /// <inheritdoc/>
    protected override string Reason => "finish_reason";

    /// <inheritdoc/>
    protected override string EndMark => "[DONE]";

    /// <inheritdoc/>
    protected override Chunk Parse(string kind, ReadOnlySpan<byte> data)
    {
        if (data.SequenceEqual("[DONE]"u8))
            return new Chunk { Done = true };
        if (data.IsEmpty)
            return default;
        if (kind != "error" && _last.TryRead(data, out var text))
            return new Chunk { Text = text, Bytes = _wire is null ? null : data.ToArray() };
        var chunk = JsonSerializer.Deserialize(data, Wire.Default.Completion);
        if (chunk?.Error is { ValueKind: not JsonValueKind.Null } error)
            return new Chunk { Error = OpenAiError.Read(error) };
        if (kind == "error")
            return new Chunk { Error = OpenAiError.Read(data.ToArray()) ?? new OpenAiError(null, null, null) };
        if (chunk is { IsSound: false })
            throw new JsonException("A choice is null.");
        _last.Learn(data);
        return new Chunk { Completion = chunk, Bytes = _wire is null ? null : data.ToArray() };
    }

    /// <inheritdoc/>
    protected override Taken Take(Chunk happened)
    {
        if (happened.Done)
            return Taken.End;
        if (happened.Error is { } error)
            return Taken.Failed(OpenAiFaults.OfError(answer.Model, error));
        if (happened.Text is { } text)
        {
            answer.Add(text);
            _wire?.Add(text);
            return new Taken(new ModelPiece(text, happened.Bytes));
        }

        if (happened.Completion is not { } chunk)
            return Taken.Nothing;
        if (happened.Bytes is { } bytes)
            _wire!.Add(bytes);
        return new Taken(new ModelPiece(answer.Add(chunk), happened.Bytes));
    }

    /// <inheritdoc/>
    protected override ModelReply End(Action<ModelPiece> last) => answer.End(_wire?.End() ?? default);

    /// <param name="Text">Of a chunk that says nothing else that is new.</param>
    internal readonly record struct Chunk(string? Text, Completion? Completion, byte[]? Bytes, OpenAiError? Error, bool Done);
}
