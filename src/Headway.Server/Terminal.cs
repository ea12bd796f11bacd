using Spectre.Console;

namespace Headway.Server;

/// <summary>What a command reads, writes and knows of its surroundings, so that a test can be the terminal.</summary>
internal sealed class Terminal
{
    public required TextWriter Out { get; init; }
    public required TextWriter Error { get; init; }
    public required TextReader In { get; init; }

    /// <summary>A person looks at the output: tables, colours and bars. Otherwise the output is plain and stable.</summary>
    public required bool IsInteractive { get; init; }

    /// <summary>Reads an environment variable.</summary>
    public required Func<string, string?> Environment { get; init; }
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>For tables and bars; writes to <see cref="Out"/>.</summary>
    public IAnsiConsole Console => field ??= Create();

    /// <summary>For lines that are to be copied whole: the terminal breaks them on the screen only.</summary>
    public IAnsiConsole Lines
    {
        get
        {
            if (field is not null) return field;
            field = Create();
            field.Profile.Width = short.MaxValue;
            return field;
        }
    }

    public static Terminal OfProcess() => new()
    {
        Out = System.Console.Out,
        Error = System.Console.Error,
        In = System.Console.In,
        IsInteractive = !System.Console.IsOutputRedirected && System.Environment.GetEnvironmentVariable("TERM") != "dumb",
        Environment = System.Environment.GetEnvironmentVariable,
    };

    private IAnsiConsole Create() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(Out),
        Ansi = IsInteractive ? AnsiSupport.Detect : AnsiSupport.No,
        Interactive = IsInteractive ? InteractionSupport.Detect : InteractionSupport.No,
    });
}
