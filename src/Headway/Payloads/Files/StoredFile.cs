using System.Text.Json.Serialization;

namespace Headway.Payloads.Files;

/// <summary>A file of a job's input, as it was taken. Kept sealed: names are content, and a digest tells what a known file is.</summary>
/// <param name="Number">1 for the first file of the job.</param>
/// <param name="Name">Field name; `file` for a raw body.</param>
/// <param name="FileName">As the caller called it, if it did.</param>
/// <param name="MediaType">Agrees with the content.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Sha256">Of the plain content; 32 bytes.</param>
/// <param name="Chunks">How many pieces it is kept in.</param>
internal sealed record StoredFile(int Number, string Name, string? FileName, string MediaType, long Length, byte[] Sha256, int Chunks)
{
    /// <summary>Plain bytes of every chunk but the last, which has what is left. A sealed chunk fills about 32 pages of the database.</summary>
    public const int ChunkLength = 256 * 1024;

    /// <summary>The type that its first bytes tell, where they may be another than declared; empty: none that is known. Null: they agree with <see cref="MediaType"/>, or nobody has looked.</summary>
    public string? Found { get; init; }

    /// <summary>A chunk opens only in its place: file, index, and whether it is the last.</summary>
    public static long PositionOf(int number, int chunk, bool last) => ((long)number << 40) | ((long)chunk << 1) | (last ? 1L : 0L);
}

/// <summary>A file as a caller sends it.</summary>
internal sealed record FileUpload
{
    public required string Tenant { get; init; }
    public required JobId Job { get; init; }
    public required DataKey Key { get; init; }

    /// <summary>1 for the first file of the job.</summary>
    public required int Number { get; init; }
    public required string Name { get; init; }
    public string? FileName { get; init; }

    /// <summary>The declared media type; null or application/octet-stream: the content decides.</summary>
    public string? MediaType { get; init; }

    /// <summary>Whether the content must be what it is declared to be, and of a type that features take. What nobody is fed as it is may be anything.</summary>
    public bool IsJudged { get; init; } = true;

    /// <summary>Bytes this file may have: what the feature allows, less what the call's earlier files took.</summary>
    public required long Most { get; init; }
}

/// <summary>How an upload ended.</summary>
internal abstract record UploadOutcome
{
    public sealed record Stored(StoredFile File) : UploadOutcome;

    /// <summary>Nothing of the file is kept.</summary>
    public sealed record Refused(FileRefusal Refusal) : UploadOutcome;
}

[JsonSerializable(typeof(StoredFile))]
[JsonSerializable(typeof(string[]))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class FileJson : JsonSerializerContext;
