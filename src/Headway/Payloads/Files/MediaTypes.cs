using System.Collections.Frozen;

namespace Headway.Payloads.Files;

/// <summary>
/// Which files are taken as input, and how they are told apart: images, audio and PDF, by their first bytes. What a caller declares must
/// agree with them, because whatever reads the file later (a model, a decoder) believes the declaration.
/// </summary>
internal static class MediaTypes
{
    /// <summary>Bytes that are enough to tell every type below.</summary>
    public const int Needed = 16;

    /// <summary>What a client says that does not know: the content decides.</summary>
    public const string Undeclared = "application/octet-stream";

    private static readonly FrozenDictionary<string, string> Canonical = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["image/png"] = "image/png",
        ["image/jpeg"] = "image/jpeg",
        ["image/jpg"] = "image/jpeg",
        ["image/webp"] = "image/webp",
        ["image/gif"] = "image/gif",
        ["audio/wav"] = "audio/wav",
        ["audio/x-wav"] = "audio/wav",
        ["audio/wave"] = "audio/wav",
        ["audio/vnd.wave"] = "audio/wav",
        ["audio/mpeg"] = "audio/mpeg",
        ["audio/mp3"] = "audio/mpeg",
        ["audio/ogg"] = "audio/ogg",
        ["audio/opus"] = "audio/ogg",
        ["audio/mp4"] = "audio/mp4",
        ["audio/m4a"] = "audio/mp4",
        ["audio/x-m4a"] = "audio/mp4",
        ["audio/flac"] = "audio/flac",
        ["audio/x-flac"] = "audio/flac",
        ["application/pdf"] = "application/pdf",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>For error texts and documents.</summary>
    public static readonly string Allowed = string.Join(", ", Canonical.Values.Distinct().Order(StringComparer.Ordinal));

    /// <summary>Whether a body of this declared type is a file to us; parameters such as `; charset=` are ignored.</summary>
    public static bool IsFile(string? declared) => declared is not null && (Canonical.ContainsKey(Bare(declared)) || IsUndeclared(declared));

    /// <summary>The canonical type of a file that begins with <paramref name="start"/>, or why it is refused.</summary>
    public static (string? MediaType, FileRefusal? Refusal) Judge(string? declared, ReadOnlySpan<byte> start)
    {
        var found = Sniff(start);
        if (declared is null || IsUndeclared(declared))
            return found is null ? (null, FileRefusal.UnknownMediaType(null)) : (found, null);
        if (!Canonical.TryGetValue(Bare(declared), out var expected)) return (null, FileRefusal.UnknownMediaType(Bare(declared)));
        return found == expected ? (expected, null) : (null, FileRefusal.MediaTypeMismatch(expected, found));
    }

    private static bool IsUndeclared(string declared) => Bare(declared).Equals(Undeclared, StringComparison.OrdinalIgnoreCase);

    /// <summary>Without parameters such as `; charset=`.</summary>
    public static string Bare(string declared)
    {
        var end = declared.IndexOf(';', StringComparison.Ordinal);
        return (end < 0 ? declared : declared[..end]).Trim();
    }

    /// <summary>What begins like this; null: nothing that is known.</summary>
    public static string? Sniff(ReadOnlySpan<byte> start)
    {
        if (IsPng(start)) return "image/png";
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])) return "image/jpeg";
        if (start.StartsWith("GIF87a"u8) || start.StartsWith("GIF89a"u8)) return "image/gif";
        if (IsRiff(start, "WEBP"u8)) return "image/webp";
        if (IsRiff(start, "WAVE"u8)) return "audio/wav";
        if (start.StartsWith("OggS"u8)) return "audio/ogg";
        if (start.StartsWith("fLaC"u8)) return "audio/flac";
        if (IsAudioMp4(start)) return "audio/mp4";
        if (start.StartsWith("ID3"u8) || IsMpegFrame(start)) return "audio/mpeg";
        return start.StartsWith("%PDF-"u8) ? "application/pdf" : null;
    }

    private static bool IsPng(ReadOnlySpan<byte> start) => start.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);

    private static bool IsRiff(ReadOnlySpan<byte> start, ReadOnlySpan<byte> form) => start.Length >= 12 && start.StartsWith("RIFF"u8) && start[8..].StartsWith(form);

    /// <summary>ISO base media with an audio brand, or with the general brands that encoders also give to audio alone.</summary>
    private static bool IsAudioMp4(ReadOnlySpan<byte> start)
    {
        if (start.Length < 12 || !start[4..].StartsWith("ftyp"u8)) return false;
        var brand = start.Slice(8, 4);
        return brand.SequenceEqual("M4A "u8) || brand.SequenceEqual("M4B "u8) || brand.SequenceEqual("mp42"u8) || brand.SequenceEqual("isom"u8)
            || brand.SequenceEqual("iso2"u8) || brand.SequenceEqual("dash"u8);
    }

    /// <summary>A frame header without ID3 before it: 11 bits of sync, then a layer, bit rate and sample rate that exist.</summary>
    private static bool IsMpegFrame(ReadOnlySpan<byte> start)
    {
        if (start.Length < 4 || start[0] != 0xFF || (start[1] & 0xE0) != 0xE0) return false;
        var version = (start[1] >> 3) & 3;
        var layer = (start[1] >> 1) & 3;
        var bitRate = start[2] >> 4;
        var sampleRate = (start[2] >> 2) & 3;
        return version != 1 && layer == 1 && bitRate is not 0 and not 15 && sampleRate != 3;
    }
}
