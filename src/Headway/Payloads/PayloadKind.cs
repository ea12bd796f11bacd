namespace Headway.Payloads;

/// <summary>What a sealed payload holds. Part of the associated data, so the numbers never change: an error cannot be passed off as a result.</summary>
internal enum PayloadKind : byte
{
    Input = 1,
    Result = 2,

    /// <summary>Subject and metadata.</summary>
    About = 3,
    Error = 4,

    /// <summary>An event of the output log.</summary>
    Stream = 5,

    /// <summary>One piece of a file's content.</summary>
    FileChunk = 6,
    Journal = 7,

    /// <summary>Name, media type, length and digest of a file.</summary>
    File = 8,

    /// <summary>Of a conversation, carried by its caller.</summary>
    Summary = 9,

    /// <summary>Who is held, and why.</summary>
    Hold = 10,

    /// <summary>The private half of a key that signs checkpoints of the audit chain.</summary>
    SigningKey = 18,
}
