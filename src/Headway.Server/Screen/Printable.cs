namespace Headway.Server.Screen;

/// <summary>Text of others on somebody's terminal: a model's answer, a subject, an error. Control characters in it could move the cursor, retitle the window or forge what was said before.</summary>
internal static class Printable
{
    private const char Replacement = '\uFFFD';

    /// <summary>With every control character but line ends and tabs replaced.</summary>
    public static string Of(string text)
        => text.Any(IsControl) ? string.Create(text.Length, text, static (shown, from) =>
        {
            for (var at = 0; at < from.Length; at++) shown[at] = IsControl(from[at]) ? Replacement : from[at];
        }) : text;

    /// <summary>The same, as markup that shows it literally.</summary>
    public static string Markup(string text) => Spectre.Console.Markup.Escape(Of(text));

    private static bool IsControl(char letter) => char.IsControl(letter) && letter is not ('\n' or '\r' or '\t');
}
