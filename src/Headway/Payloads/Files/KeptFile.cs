namespace Headway.Payloads.Files;

/// <summary>A file that a caller keeps here by itself, to name it in later calls.</summary>
/// <param name="Subject">Keyed MAC of whom it is about, if the caller said so.</param>
/// <param name="Expires">Null: it stays until it is deleted.</param>
/// <param name="Stored">How its content is kept.</param>
internal sealed record KeptFile(FileId Id, FilePurpose Purpose, DateTimeOffset Created, DateTimeOffset? Expires, byte[]? Subject, StoredFile Stored)
{
    public string Name => Stored.FileName!;
    public long Length => Stored.Length;

    /// <summary>As declared: nobody has looked.</summary>
    public string MediaType => Stored.MediaType;
}

/// <summary>What a kept file is for. The numbers are stored.</summary>
internal enum FilePurpose : byte { Assistants = 1, Batch = 2, FineTune = 3, Vision = 4, UserData = 5, Evals = 6 }

/// <summary>A file that has come whole, but is not kept yet: until it is, nobody sees it.</summary>
internal sealed record ArrivedFile(FileId Id, string? Subject, StoredFile Stored)
{
    /// <summary>The key of its subject that it is sealed with; null: it has no subject.</summary>
    public long? Key { get; init; }
}

/// <summary>How much one tenant may keep.</summary>
internal readonly record struct KeptRoom(long Files, long Bytes)
{
    /// <summary>Ten thousand files are one full page of the list; 16 GiB are a database file that can still be copied in minutes.</summary>
    public static readonly KeptRoom Usual = new(10_000, 16L << 30);
}

/// <param name="After">Only those behind it in the order of the list; it need not exist any more.</param>
/// <param name="Limit">How many at most.</param>
internal sealed record KeptFilter(FileId? After, bool OldestFirst, FilePurpose? Purpose, int Limit);

/// <param name="Last">Where the next page begins; null: nothing was found.</param>
/// <param name="More">There are more behind it.</param>
internal sealed record KeptPage(IReadOnlyList<KeptFile> Files, FileId? Last, bool More);

/// <summary>What became of a file that came: it is there, or why not.</summary>
internal abstract record ArrivalOutcome
{
    public sealed record Arrived(ArrivedFile File) : ArrivalOutcome;

    /// <summary>Nothing of the file is kept.</summary>
    public sealed record Refused(FileRefusal Refusal) : ArrivalOutcome;
}

/// <summary>How keeping it ended.</summary>
internal abstract record KeepOutcome
{
    public sealed record Kept(KeptFile File) : KeepOutcome;

    /// <summary>Nothing of the file is kept.</summary>
    public sealed record Refused(FileRefusal Refusal) : KeepOutcome;
}
