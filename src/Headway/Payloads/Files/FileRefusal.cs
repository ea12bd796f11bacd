namespace Headway.Payloads.Files;

/// <summary>Why a file was not taken. Nothing of it is kept.</summary>
/// <param name="Code">Stable: `input-too-large` (413), `media-type-unsupported` (415), `media-type-mismatch`, `file-empty` (both 400), `file-too-large`, `file-room-full` (both 413), `upload-too-slow` (408).</param>
/// <param name="Message">What happened and the cure. Free of content.</param>
internal sealed record FileRefusal(string Code, string Message)
{
    public const string TooLargeCode = "input-too-large";
    public const string UnsupportedCode = "media-type-unsupported";
    public const string MismatchCode = "media-type-mismatch";
    public const string EmptyCode = "file-empty";

    public const string LargerCode = "file-too-large";
    public const string NoRoomCode = "file-room-full";
    public const string TooSlowCode = "upload-too-slow";

    public static FileRefusal TooLarge(long most) => new(TooLargeCode, $"The files of one call may have {most} bytes together; this call has more. The feature's maxInput sets the limit.");

    public static FileRefusal Empty() => new(EmptyCode, "The file has no content.");

    /// <summary>Of a file that is kept by itself.</summary>
    public static FileRefusal LargerThan(long most) => new(LargerCode, $"A file may have {most} bytes; this one has more. Split it.");

    public static FileRefusal NoRoom(KeptRoom room) => new(NoRoomCode, $"All kept files may be {room.Files} and have {room.Bytes} bytes together; this one does not fit any more. Delete some, or have them expire (expires_after).");

    public static FileRefusal TooSlow(TimeSpan within) => new(TooSlowCode, $"The upload did not end within {within.TotalMinutes:0} minutes. Send the file over a faster connection, or split it.");

    public static FileRefusal UnknownMediaType(string? declared) =>
        new(UnsupportedCode, $"{(declared is null ? "The content is none of the types" : $"{declared} is none of the types")} that are taken as files: {MediaTypes.Allowed}.");

    public static FileRefusal MediaTypeMismatch(string declared, string? found) =>
        new(MismatchCode, $"The file is declared as {declared}, but its first bytes are {(found is null ? "not" : $"those of {found}")}. Declare what it is, or {MediaTypes.Undeclared} to have it recognised.");
}
