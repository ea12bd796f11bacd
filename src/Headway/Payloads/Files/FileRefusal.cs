namespace Headway.Payloads.Files;

/// <summary>Why a file was not taken. Nothing of it is kept.</summary>
/// <param name="Code">Stable: `input-too-large` (413), `media-type-unsupported` (415), `media-type-mismatch`, `file-empty` (both 400), `file-too-large`, `file-room-full` (both 413), `upload-too-slow` (408), `file-unknown` (404), `input-invalid` (400), `idempotency-mismatch` (422).</param>
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

    public const string OtherContentCode = "idempotency-mismatch";
    public const string UnknownCode = "file-unknown";
    public const string ForbiddenCode = "input-invalid";

    public static FileRefusal TooLarge(long most) => new(TooLargeCode, $"The files of one call may have {most} bytes together; this call has more. The feature's maxInput sets the limit.");

    public static FileRefusal Empty() => new(EmptyCode, "The file has no content.");

    /// <summary>Of a file that is kept by itself.</summary>
    public static FileRefusal LargerThan(long most) => new(LargerCode, $"A file may have {most} bytes; this one has more. Split it.");

    public static FileRefusal NoRoom(KeptRoom room) => new(NoRoomCode, $"All kept files may be {room.Files} and have {room.Bytes} bytes together; this one does not fit any more. Delete some, or have them expire (expires_after).");

    public static FileRefusal OtherContent() => new(OtherContentCode, "Another file was uploaded with this Idempotency-Key. Use a new key for a new file; a repeat sends the same content, name, purpose, expiry and subject.");

    public static FileRefusal TooSlow(TimeSpan within) => new(TooSlowCode, $"The upload did not end within {within.TotalMinutes:0} minutes. Send the file over a faster connection, or split it.");

    /// <summary>Of a file that a request names.</summary>
    public static FileRefusal Unknown(string id) => new(UnknownCode, $"There is no file '{(id.Length <= KeptFiles.LongestName ? id : id[..KeptFiles.LongestName])}', or none any more. GET /v1/files lists them.");

    /// <summary>An answer about a subject that is sealed for nobody would outlive what is known of that subject.</summary>
    public static FileRefusal OfSubject(FileId id) => new(ForbiddenCode, $"{id} was kept for a subject, and this call is not about that one. Send its Headway-Subject with the call, too.");

    public static FileRefusal Unreadable(KeptFile file, bool asImage) => new(UnsupportedCode,
        $"{file.Id} is {FileTold.What(file)}, which cannot be shown to a model {(asImage ? "as an image" : "here")}: {(asImage ? "PNG, JPEG, WebP and GIF can" : "images, PDF and text can")}.");

    public static FileRefusal TooManyNamed(int most) => new(ForbiddenCode, $"A request may name files {most} times; this one does so more often. Send less at once.");

    public static FileRefusal TooLargeToShow() => new(TooLargeCode, "With the files that it names, in base64, the request is larger than the model takes (maxInput). Name fewer or smaller ones.");

    public static FileRefusal UnknownMediaType(string? declared) =>
        new(UnsupportedCode, $"{(declared is null ? "The content is none of the types" : $"{declared} is none of the types")} that are taken as files: {MediaTypes.Allowed}.");

    public static FileRefusal MediaTypeMismatch(string declared, string? found) =>
        new(MismatchCode, $"The file is declared as {declared}, but its first bytes are {(found is null ? "not" : $"those of {found}")}. Declare what it is, or {MediaTypes.Undeclared} to have it recognised.");
}
