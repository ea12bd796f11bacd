using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Headway.Server.Commands;

/// <summary>The library's help, followed by the command's example.</summary>
internal sealed class HelpWithExample(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is not Verb verb) return ExitCode.Ok;
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Example:");
        foreach (var line in verb.Example.Split('\n')) output.WriteLine("  " + line);
        output.WriteLine();
        return ExitCode.Ok;
    }
}
