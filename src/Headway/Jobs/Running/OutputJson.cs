using System.Text.Json;
using System.Text.Json.Serialization;

namespace Headway.Jobs.Running;

internal sealed record TextDelta(string Text);

internal sealed record Restart(int Attempt);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TextDelta))]
[JsonSerializable(typeof(Restart))]
[JsonSerializable(typeof(Progress))]
[JsonSerializable(typeof(About))]
internal sealed partial class OutputJson : JsonSerializerContext
{
    /// <summary>A piece of prose, as the data of a `delta`.</summary>
    public static byte[] Text(string text) => JsonSerializer.SerializeToUtf8Bytes(new TextDelta(text), Default.TextDelta);

    /// <summary>Something that is shown beside the answer, as the data of a `delta`.</summary>
    public static byte[] Beside(string? text, ReadOnlyMemory<byte> json) => [.. Beginning, .. (text is null ? Value(json) : Text(text)).AsSpan(1)];

    /// <summary>Whether a `delta` is no part of the answer.</summary>
    public static bool IsBeside(ReadOnlyMemory<byte> delta) => delta.Span.StartsWith(Beginning);

    private static ReadOnlySpan<byte> Beginning => "{\"beside\":true,"u8;

    /// <summary>One value of a stream of values, as the data of a `delta`.</summary>
    public static byte[] Value(ReadOnlyMemory<byte> json)
    {
        byte[] line = [.. "{\"value\":"u8, .. json.Span, .. "}"u8];
        // An event is read line by line. In JSON a line break stands between values only, where a space says the same.
        line.AsSpan().Replace((byte)'\n', (byte)' ');
        line.AsSpan().Replace((byte)'\r', (byte)' ');
        return line;
    }
}

/// <summary>What a call said about itself, as it is sealed.</summary>
/// <param name="Metadata">JSON object text.</param>
internal sealed record About(string? Subject, string? Metadata);
