using Headway.AspNetCore.Errors;
using Headway.Payloads.Files;

namespace Headway.AspNetCore.OpenAi.Files;

/// <summary>Gives each refusal of a file its HTTP status.</summary>
internal static class FileProblems
{
    /// <param name="param">Where in the request it stands.</param>
    public static Problem Of(FileRefusal refusal, string param) => new(KindOf(refusal), refusal.Message) { Param = refusal.Code == FileRefusal.OtherContentCode ? null : param };

    private static ProblemKind KindOf(FileRefusal refusal) => refusal.Code switch
    {
        FileRefusal.LargerCode => ProblemKind.FileTooLarge,
        FileRefusal.NoRoomCode => ProblemKind.FileRoomFull,
        FileRefusal.TooSlowCode => ProblemKind.UploadTooSlow,
        FileRefusal.EmptyCode => ProblemKind.BodyEmpty,
        FileRefusal.OtherContentCode => new ProblemKind(refusal.Code, 422, "The idempotency key was used with another input"),
        FileRefusal.UnknownCode => ProblemKind.FileUnknown,
        FileRefusal.UnsupportedCode => ProblemKind.MediaTypeUnsupported,
        FileRefusal.TooLargeCode => ProblemKind.InputTooLarge,
        FileRefusal.ForbiddenCode => ProblemKind.InputInvalid,
        _ => throw new InvalidOperationException($"{refusal.Code} has no HTTP answer"),
    };
}
