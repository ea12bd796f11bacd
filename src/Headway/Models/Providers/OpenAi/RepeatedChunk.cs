using System.Text.Json;

namespace Headway.Models.Providers.OpenAi;

/// <summary>
/// Knows a chunk again that differs from the one before in its text alone, as nearly all of hundreds do, so that only the first of them is read
/// as JSON (docs/design/hot-paths.md).
/// </summary>
/// <remarks>
/// Invariant: a chunk is known again only where reading it whole, right after the one it repeats, would have added its text and changed nothing else.
/// So what a chunk adds anything to may say nothing beside its text but names and numbers; and every other chunk that comes between is read whole
/// and takes the place of the one before.
/// </remarks>
internal sealed class RepeatedChunk
{
    // OpenAI pads each chunk against guessing the lengths of texts: a member that no reader looks at, always the last.
    private static ReadOnlySpan<byte> Padding => ",\"obfuscation\":\""u8;

    // From the beginning up to the quote that opens the text; from the quote that closes it to the end, or up to the quote that opens the padding.
    private byte[] _before = [];
    private byte[] _after = [];
    private bool _padded;

    /// <summary>The text of a chunk that is in everything else as the one that was learned. False: it must be read whole.</summary>
    public bool TryRead(ReadOnlySpan<byte> chunk, out string text)
    {
        text = "";
        if (_before.Length == 0 || !chunk.StartsWith(_before)) return false;
        var rest = chunk[_before.Length..];
        if (EndOfText(rest) is not (> 0 and var end) || !rest[end..].StartsWith(_after)) return false;
        if (!IsEnd(rest[(end + _after.Length)..])) return false;
        return TryUnquote(chunk.Slice(_before.Length - 1, end + 2), ref text);
    }

    /// <summary>With its quotes it is a JSON value of its own, whose escapes and encoding are checked; what is wrong with it is said by who reads the whole.</summary>
    private static bool TryUnquote(ReadOnlySpan<byte> quoted, ref string text)
    {
        try
        {
            var value = new Utf8JsonReader(quoted);
            value.Read();
            text = value.GetString()!;
            return true;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Takes a chunk that was read whole as the one to compare with.</summary>
    public void Learn(ReadOnlySpan<byte> chunk)
    {
        (_before, _after) = ([], []);
        if (!TryFindText(chunk, out var from, out var to)) return;
        var tail = chunk[to..];
        var padding = tail.LastIndexOf(Padding);
        _padded = padding >= 0 && IsPadding(tail[(padding + Padding.Length)..]);
        _before = chunk[..from].ToArray();
        _after = (_padded ? tail[..(padding + Padding.Length)] : tail).ToArray();
    }

    private bool IsEnd(ReadOnlySpan<byte> rest) => _padded ? IsPadding(rest) : rest.IsEmpty;

    private static bool IsPadding(ReadOnlySpan<byte> rest)
    {
        if (!rest.EndsWith("\"}"u8)) return false;
        foreach (var one in rest[..^2])
        {
            if (!char.IsAsciiLetterOrDigit((char)one)) return false;
        }
        return true;
    }

    /// <summary>Where the quote stands that closes a text which has already begun; -1: nowhere. An empty text is no text.</summary>
    private static int EndOfText(ReadOnlySpan<byte> rest)
    {
        for (var at = 0; ; at += 2)
        {
            if (at >= rest.Length || rest[at..].IndexOfAny((byte)'"', (byte)'\\') is not (>= 0 and var next)) return -1;
            at += next;
            if (rest[at] == '"') return at;
        }
    }

    /// <summary>The text between its quotes, if the chunk is one whose repetition adds only that.</summary>
    private static bool TryFindText(ReadOnlySpan<byte> chunk, out int from, out int to)
    {
        (from, to) = (-1, -1);
        var json = new Utf8JsonReader(chunk);
        json.Read();
        while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("choices"u8))
            {
                if (from >= 0 || !TryFindInChoices(ref json, out from, out to)) return false;
            }
            else if (json.ValueTextEquals("error"u8) || !IsScalar(ref json))
            {
                return false;
            }
        }
        return from >= 0;
    }

    /// <summary>One choice, the first; in it a text, and no more than scalars around.</summary>
    private static bool TryFindInChoices(ref Utf8JsonReader json, out int from, out int to)
    {
        (from, to) = (-1, -1);
        var first = false;
        if (!Begins(ref json, JsonTokenType.StartArray) || !Begins(ref json, JsonTokenType.StartObject)) return false;
        while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("delta"u8))
            {
                if (from >= 0 || !TryFindInDelta(ref json, out from, out to)) return false;
            }
            else if (json.ValueTextEquals("index"u8))
            {
                first = json.Read() && json.TokenType is JsonTokenType.Number && json.TryGetInt32(out var index) && index == 0;
                if (!first) return false;
            }
            else if (!IsNull(ref json))
            {
                return false;
            }
        }
        return first && Begins(ref json, JsonTokenType.EndArray);
    }

    /// <summary>Texts are joined: one that stands beside the content would be said twice. Of the role there is one.</summary>
    private static bool TryFindInDelta(ref Utf8JsonReader json, out int from, out int to)
    {
        (from, to) = (-1, -1);
        if (!Begins(ref json, JsonTokenType.StartObject)) return false;
        while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("content"u8))
            {
                if (from >= 0 || !Begins(ref json, JsonTokenType.String)) return false;
                (from, to) = ((int)json.TokenStartIndex + 1, (int)json.BytesConsumed - 1);
            }
            else if (json.ValueTextEquals("role"u8) ? !Begins(ref json, JsonTokenType.String) : !IsNull(ref json))
            {
                return false;
            }
        }
        return from >= 0 && to > from;
    }

    private static bool Begins(ref Utf8JsonReader json, JsonTokenType wanted) => json.Read() && json.TokenType == wanted;

    private static bool IsNull(ref Utf8JsonReader json) => Begins(ref json, JsonTokenType.Null);

    private static bool IsScalar(ref Utf8JsonReader json) => json.Read() && json.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray);
}
