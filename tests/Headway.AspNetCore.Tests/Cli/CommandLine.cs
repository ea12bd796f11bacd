using Headway.Server;
using Headway.Server.Commands;

namespace Headway.AspNetCore.Tests.Cli;

/// <summary>One command, in this process, as a script sees it: its words and its exit code.</summary>
internal sealed record CommandLine(int Code, string Out, string Error)
{
    /// <param name="input">What stands on the standard input.</param>
    /// <param name="interactive">Whether a person looks at the output.</param>
    public static async Task<CommandLine> RunAsync(string[] words, string input = "", bool interactive = false, IReadOnlyDictionary<string, string>? environment = null, CancellationToken stop = default)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var terminal = new Terminal
        {
            Out = output,
            Error = error,
            In = new StringReader(input),
            IsInteractive = interactive,
            Environment = name => environment?.GetValueOrDefault(name),
        };
        var code = await HeadwayCommand.RunAsync(words, terminal, stop);
        return new CommandLine(code, output.ToString(), error.ToString());
    }

    public IReadOnlyList<string> Lines => Out.TrimEnd('\n').Split('\n');
}
