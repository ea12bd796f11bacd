using Headway.Features;
using Headway.Handlers.Prompt.Citations;
using Headway.Payloads.Files;

namespace Headway.Handlers.Prompt;

/// <summary>Failures before a model is asked.</summary>
internal static class PromptFailures
{
    public static Failure Template(PromptDefinition definition, string problem) =>
        Permanent("template-failed", definition.TemplateFile, $"The template {definition.TemplateFile} failed: {problem}.");

    public static Failure Schema(string? file, Exception unsound) =>
        Permanent("schema-unsupported", file ?? "output", $"{file ?? "output"}: {unsound.Message}");

    public static Failure File(InputFile file) =>
        Permanent("file-unsupported", file.MediaType, $"The file '{file.Name}' is {file.MediaType}, which cannot be shown to a model: send an image, WAV or MP3 audio, a PDF or text.");

    /// <summary>Of a kept file that the request names.</summary>
    public static Failure Named(FileRefusal refusal, string place) => Permanent(refusal.Code, "file_id", $"`{place}`: {refusal.Message}");

    public static Failure TooLongToCite(string feature) => Permanent("citation-input-too-large", feature,
        $"The input has more than {CitedInput.MostCharacters / (1024 * 1024)} Mi characters of text, more than citations are looked for in: send less, or split it into several calls.");

    public static Failure Choices() =>
        Permanent("choices-unsupported", "n", "The request asks for several choices (`n`), of which all but one would be paid and thrown away: call as often as answers are wanted.");

    public static Failure Uncountable(string name) => Permanent("input-invalid", name,
        $"There is a budget to keep, so `{name}` must be a whole number above 0{(name == "n" ? $" and not above {Models.Prices.MostAnswers}" : "")}: what the call may cost is counted by it. Correct it, or leave it out.");

    public static Failure Twice() => Permanent("input-invalid", "$", "The input has a member twice in one object, or one whose name is half of a character: name each once, in whole characters.");

    public static Failure Kind(string model, string what) => Permanent("model-kind", model, $"The model '{model}' {what}.");

    private static Failure Permanent(string code, string place, string message) => new()
    {
        Code = code,
        Kind = FailureKind.Permanent,
        Message = message,
        Fingerprint = Failure.Print(code, place),
    };
}
