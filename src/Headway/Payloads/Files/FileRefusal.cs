namespace Headway.Payloads.Files;

/// <summary>Why a file was not taken. Nothing of it is kept.</summary>
/// <param name="Code">Stable: `input-too-large` (413), `media-type-unsupported` (415), `media-type-mismatch`, `file-empty` (both 400).</param>
/// <param name="Message">What happened and the cure. Free of content.</param>
internal sealed record FileRefusal(string Code, string Message)
{
    public const string TooLargeCode = "input-too-large";
    public const string UnsupportedCode = "media-type-unsupported";
    public const string MismatchCode = "media-type-mismatch";
    public const string EmptyCode = "file-empty";

    public static FileRefusal TooLarge(long most) => new(TooLargeCode, $"The files of one call may have {most} bytes together; this call has more. The feature's maxInput sets the limit.");

    public static FileRefusal Empty() => new(EmptyCode, "The file has no content.");

    public static FileRefusal UnknownMediaType(string? declared) =>
        new(UnsupportedCode, $"{(declared is null ? "The content is none of the types" : $"{declared} is none of the types")} that are taken as files: {MediaTypes.Allowed}.");

    public static FileRefusal MediaTypeMismatch(string declared, string? found) =>
        new(MismatchCode, $"The file is declared as {declared}, but its first bytes are {(found is null ? "not" : $"those of {found}")}. Declare what it is, or {MediaTypes.Undeclared} to have it recognised.");
}
