namespace Headway.Features;

/// <summary>Something `check` has to say about a place in the feature file.</summary>
/// <param name="Code">Stable and kebab-case: what a build may match on.</param>
/// <param name="Message">For people: what is wrong, where, and the cure. Never a secret.</param>
/// <param name="Feature">The feature it is about, if it is about one.</param>
internal sealed record Finding(Severity Severity, string Code, string Message, string File, int Line, int Column, string? Feature)
{
    public static Finding Error(string code, string message, Place place, string? feature = null) =>
        new(Severity.Error, code, message, place.File, place.Line, place.Column, feature);

    public static Finding Warning(string code, string message, Place place, string? feature = null) =>
        new(Severity.Warning, code, message, place.File, place.Line, place.Column, feature);

    public override string ToString() => $"{File}:{Line}:{Column}: {Words.Of(Severity)} {Code}: {Message}";
}

/// <summary>An error fails a check and keeps a file from being served.</summary>
internal enum Severity { Error, Warning, Note }
