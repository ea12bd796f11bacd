using System.Text.Json;

namespace Headway.Handlers;

/// <summary>What the caller sent: JSON, or one or more files with JSON fields beside them.</summary>
/// <remarks>Small inputs are in memory; a file that was streamed to the payload store is opened when read.</remarks>
internal sealed class JobInput
{
    /// <summary>The media type of an input that is a request of the OpenAI API, whose caller wants the answer in the form of that API, too.</summary>
    public const string ByWire = "application/json; profile=openai";

    public required string MediaType { get; init; }

    /// <summary>The same, whose caller has what the model cannot take any more left out from the start of the conversation.</summary>
    public const string ByWireShortened = ByWire + "; truncation=auto";

    public bool IsByWire => MediaType is ByWire or ByWireShortened;
    public bool MayShorten => MediaType == ByWireShortened;

    /// <summary>The JSON body; for multipart the fields as one object; `{}` for a raw file.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>What the caller sent, where the input was made from it: kept with the job so that it can be given back. Handlers do not look at it.</summary>
    public ReadOnlyMemory<byte>? Request { get; init; }

    /// <summary>By what a repetition is known, where the input was made from it and from what may be gone by then. Null: by the input.</summary>
    public ReadOnlyMemory<byte>? Said { get; init; }

    public IReadOnlyList<InputFile> Files { get; init; } = [];

    public JsonDocument Parse() => JsonDocument.Parse(Json);
}
