using System.Collections.Frozen;

namespace Headway.Payloads.Files;

/// <summary>What a model is told that a kept file is. Whoever kept it may have declared anything: for images, audio and PDF its first bytes decide.</summary>
internal static class FileTold
{
    private const string Text = "text/plain";

    private static readonly FrozenSet<string> TextTypes = new[]
    {
        "application/json", "application/jsonl", "application/x-ndjson", "application/ndjson", "application/xml", "application/yaml", "application/x-yaml", "application/toml",
        "application/csv", "application/sql", "application/javascript", "application/x-sh", "application/rtf",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // For clients that declare nothing.
    private static readonly FrozenSet<string> TextEndings = new[]
    {
        ".txt", ".md", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".html", ".yaml", ".yml", ".toml", ".ini", ".log", ".sql", ".cs", ".py", ".js", ".ts", ".go", ".rs", ".java", ".sh",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>image/…, application/pdf or text/plain; null: nothing that can be shown to a model by its id.</summary>
    public static string? TypeOf(KeptFile file)
    {
        var declared = MediaTypes.Bare(file.MediaType);
        var found = file.Stored.Found ?? declared;
        if (IsImage(found) || found == "application/pdf") return found;
        if (found.Length > 0 && file.Stored.Found is not null) return null;
        return IsText(declared) || (declared == MediaTypes.Undeclared && TextEndings.Contains(Path.GetExtension(file.Name))) ? Text : null;
    }

    public static bool IsImage(string type) => type.StartsWith("image/", StringComparison.Ordinal);

    /// <summary>How many bytes it adds to a request.</summary>
    public static long LengthOf(KeptFile file) => TypeOf(file) == Text ? file.Length : (file.Length + 2) / 3 * 4;

    /// <summary>For error texts.</summary>
    public static string What(KeptFile file) => file.Stored.Found is { Length: > 0 } found ? found : $"declared as {MediaTypes.Bare(file.MediaType)}, without the content of a type that is known";

    private static bool IsText(string declared) =>
        declared.StartsWith("text/", StringComparison.OrdinalIgnoreCase) || declared.EndsWith("+json", StringComparison.OrdinalIgnoreCase) || declared.EndsWith("+xml", StringComparison.OrdinalIgnoreCase)
        || TextTypes.Contains(declared);
}
