using System.CommandLine;
using System.Globalization;
using Headway.Features;

namespace Headway.Server.Commands;

/// <summary>The options that every command takes.</summary>
internal sealed class GlobalOptions
{
    public const string DefaultServer = "http://127.0.0.1:8080";

    public Option<string?> Server { get; } = new("--server")
    {
        Description = $"Address of the server. Default: HEADWAY_SERVER, else {DefaultServer}.",
        HelpName = "URL",
        Recursive = true,
    };

    public Option<string?> Key { get; } = new("--key")
    {
        Description = "API key or token to call with. Default: HEADWAY_API_KEY, which other users of the machine cannot see in the list of processes.",
        HelpName = "KEY",
        Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Writes JSON: one document, or one per line where events are followed.",
        Recursive = true,
    };
}

/// <summary>Arguments that name something on the server.</summary>
internal static class NameArgument
{
    public static Argument<string> Create(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };

        // The parser hands a mistyped option to the argument; no name begins with a dash.
        argument.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: ['-', ..] value }]) result.AddError($"'{value}' is neither an option nor the name of a {name.ToLowerInvariant()}.");
        });
        return argument;
    }
}

/// <summary>Options whose values are times, written as in the feature file.</summary>
internal static class TimeOptions
{
    public static Option<TimeSpan?> Span(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "DURATION",
        CustomParser = result =>
        {
            if (Duration.TryParse(result.Tokens[0].Value, out var value)) return value;
            result.AddError($"{name}: '{result.Tokens[0].Value}' is not a duration. Write 500ms, 5s, 10m, 2h or 7d.");
            return null;
        },
    };

    /// <summary>A time, or how long ago.</summary>
    public static Option<DateTimeOffset?> Since(Terminal terminal, string description = "Accepted at or after this time, or this long ago.") => Moment(terminal, "--since", description);

    public static Option<DateTimeOffset?> Until(Terminal terminal) => Moment(terminal, "--until", "Told before this time, or this long ago.");

    private static Option<DateTimeOffset?> Moment(Terminal terminal, string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME|DURATION",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (Duration.TryParse(text, out var ago)) return terminal.Time.GetUtcNow() - ago;
            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return time;
            result.AddError($"{name}: '{text}' is neither a time such as 2026-03-01T12:00Z nor a duration such as 2h.");
            return null;
        },
    };
}
