using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

/// <summary>A command that is about one subject.</summary>
internal abstract class SubjectCommand : RemoteVerb
{
    private readonly Argument<string> _subject = NameArgument.Create("SUBJECT", "As calls name it in Headway-Subject.");

    protected SubjectCommand(string name, string description, string example, Terminal terminal, GlobalOptions global) : base(name, description, example, terminal, global) => Add(_subject);

    protected string SubjectOf(ParseResult line) => line.GetRequiredValue(_subject);
}

internal sealed class SubjectsHoldsCommand(Terminal terminal, GlobalOptions global)
    : RemoteVerb("holds", "Lists the subjects under a legal hold.", "headway subjects holds", terminal, global)
{
    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        await WriteAsync(Terminal, await client.HoldsAsync(stop), IsJson(line));
        return ExitCode.Ok;
    }

    public static async Task WriteAsync(Terminal terminal, HoldListRecord list, bool isJson)
    {
        if (isJson) await terminal.Out.WriteLineAsync(JsonSerializer.Serialize(list, HeadwayJson.Wire.HoldListRecord));
        else PlainTable.Write(terminal.Out, ["SUBJECT", "SINCE", "BY", "REASON"], list.Holds.Select(hold => new[] { Printable.Of(hold.Subject), hold.Created.ToString("u", CultureInfo.InvariantCulture), Printable.Of(hold.Actor), Printable.Of(hold.Reason) }));
    }
}

internal sealed class SubjectsHoldCommand : SubjectCommand
{
    private readonly Option<string> _reason = new("--reason") { Description = "Why. Kept sealed.", HelpName = "TEXT", Required = true };

    public SubjectsHoldCommand(Terminal terminal, GlobalOptions global)
        : base("hold", "Puts a subject under a legal hold: nothing of it goes until it is released.", "headway subjects hold encounter/8812 --reason \"case 2026/114\"", terminal, global) => Add(_reason);

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        await SubjectsHoldsCommand.WriteAsync(Terminal, await client.HoldSubjectAsync(SubjectOf(line), line.GetRequiredValue(_reason), stop), IsJson(line));
        return ExitCode.Ok;
    }
}

internal sealed class SubjectsReleaseCommand(Terminal terminal, GlobalOptions global)
    : SubjectCommand("release", "Releases a subject from its hold: retention takes what is overdue within a day.", "headway subjects release encounter/8812", terminal, global)
{
    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        await SubjectsHoldsCommand.WriteAsync(Terminal, await client.ReleaseSubjectAsync(SubjectOf(line), stop), IsJson(line));
        return ExitCode.Ok;
    }
}

internal sealed class SubjectsEraseCommand(Terminal terminal, GlobalOptions global)
    : SubjectCommand("erase", "Takes away everything that is kept about a subject and destroys its keys. There is no way back.", "headway subjects erase encounter/8812", terminal, global)
{
    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var erased = await client.EraseSubjectAsync(SubjectOf(line), stop);
        await Terminal.Out.WriteLineAsync(IsJson(line) ? JsonSerializer.Serialize(erased, HeadwayJson.Wire.ErasureRecord) : $"{erased.Jobs} jobs and {erased.Files} files erased, {erased.Keys} keys destroyed");
        return ExitCode.Ok;
    }
}
