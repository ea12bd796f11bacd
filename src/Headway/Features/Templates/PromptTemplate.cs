using System.Text.Json;
using System.Text.RegularExpressions;
using HandlebarsDotNet;

namespace Headway.Features.Templates;

/// <summary>A prompt template (Handlebars), compiled once. The fields of the input are its data.</summary>
/// <remarks>
/// A value that is printed must be in the input; one that is only asked for (`#if`, `#each`, `#with`) may be missing. Objects and lists print as JSON.
/// Either the whole text is the user's turn, or it consists of `&lt;system&gt;…&lt;/system&gt;` and `&lt;user&gt;…&lt;/user&gt;`.
/// Roles are told apart before anything is filled in: an input that contains `&lt;system&gt;` stays text.
/// </remarks>
internal sealed partial class PromptTemplate
{
    private static readonly IHandlebars Engine = Create();

    private readonly string _text;
    private readonly HandlebarsTemplate<object, object>? _system;
    private readonly HandlebarsTemplate<object, object>? _user;

    private PromptTemplate(string text, string? system, string? user)
    {
        _text = text;
        _system = system is null ? null : Engine.Compile(system);
        _user = user is null ? null : Engine.Compile(user);
    }

    /// <summary>Compiles a text that has no roles; the problem in words when that cannot be.</summary>
    internal static string? TryCompile(string text, out HandlebarsTemplate<object, object>? template)
    {
        template = null;
        if (Partial().IsMatch(text)) return "partials ({{> …}}) are not known here: write their text in place";
        try
        {
            template = Engine.Compile(text);
            return null;
        }
        catch (HandlebarsException failure)
        {
            return failure.Message.ReplaceLineEndings(" ");
        }
    }

    /// <summary>What is wrong with the text of a template, in words; null when it can be compiled.</summary>
    public static string? Check(string text) => TryParse(text, out _, out var problem) ? null : problem;

    public static bool TryParse(string text, out PromptTemplate? template, out string? problem)
    {
        template = null;
        if (Partial().Match(text) is { Success: true } partial)
        {
            problem = $"line {LineOf(text, partial.Index)}: partials ({{{{> …}}}}) are not known here: write their text in place";
            return false;
        }

        if (!TrySplit(text, out var system, out var user, out problem))
            return false;
        try
        {
            template = new PromptTemplate(text, system, user);
            return true;
        }
        catch (HandlebarsException failure)
        {
            problem = $"{failure.Message.ReplaceLineEndings(" ")}";
            return false;
        }
    }

    /// <summary>Fills the template; null with the problem in words when a value that is printed is not in the input.</summary>
    public RenderedPrompt? Render(JsonElement input, out string? problem)
    {
        problem = null;
        var data = TemplateData.Of(input) ?? new Dictionary<string, object?>();
        try
        {
            return new RenderedPrompt(_system?.Invoke(data).Trim(), _user?.Invoke(data).Trim() ?? "");
        }
        catch (MissingValueException missing)
        {
            problem = $"line {LineOfName(missing.Name)}: '{missing.Name}' is not in the input: send it, or print it inside {{{{#if {missing.Name}}}}}";
        }
        catch (HandlebarsException failure)
        {
            problem = failure.Message.ReplaceLineEndings(" ");
        }

        return null;
    }

    private static bool TrySplit(string text, out string? system, out string? user, out string? problem)
    {
        (system, user, problem) = (null, text, null);
        if (!text.TrimStart().StartsWith("<system>", StringComparison.Ordinal) && !text.TrimStart().StartsWith("<user>", StringComparison.Ordinal))
            return true;
        user = null;
        var at = 0;
        foreach (Match section in Section().Matches(text))
        {
            if (!string.IsNullOrWhiteSpace(text[at..section.Index]))
                break;
            var body = section.Groups["body"].Value;
            if (section.Groups["role"].ValueSpan is "system")
                system = system is null ? body : $"{system}\n{body}";
            else
                user = user is null ? body : $"{user}\n{body}";
            at = section.Index + section.Length;
        }

        if (string.IsNullOrWhiteSpace(text[at..]))
            return true;
        problem = $"line {LineOf(text, at + text[at..].Length - text[at..].TrimStart().Length)}: text outside of <system>…</system> and <user>…</user>";
        return false;
    }

    private int LineOfName(string name)
    {
        var used = Regex.Match(_text, @"\{\{[^}]*(?<![\w-])" + Regex.Escape(name) + @"(?![\w-])", RegexOptions.None, TimeSpan.FromSeconds(1));
        return LineOf(_text, used.Success ? used.Index : 0);
    }

    private static int LineOf(string text, int index) => text.AsSpan(0, index).Count('\n') + 1;

    private static IHandlebars Create()
    {
        var engine = Handlebars.Create(new HandlebarsConfiguration { NoEscape = true });
        engine.Configuration.FormatterProviders.Add(new TemplateFormatters());
        return engine;
    }

    [GeneratedRegex(@"\{\{\s*#?>")]
    private static partial Regex Partial();

    [GeneratedRegex("<(?<role>system|user)>(?<body>.*?)</\\k<role>>", RegexOptions.Singleline)]
    private static partial Regex Section();
}

/// <summary>A template filled with one input.</summary>
internal sealed record RenderedPrompt(string? System, string User);
