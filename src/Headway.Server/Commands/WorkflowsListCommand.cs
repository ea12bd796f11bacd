using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class WorkflowsListCommand(Terminal terminal, GlobalOptions global)
    : RemoteVerb("list", "Lists the versions of workflows' code, and how many jobs are under way with each.", "headway workflows list", terminal, global)
{
    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        await WriteAsync(Terminal, await client.WorkflowsAsync(stop), IsJson(line));
        return ExitCode.Ok;
    }

    public static async Task WriteAsync(Terminal terminal, WorkflowListRecord list, bool isJson)
    {
        if (isJson) await terminal.Out.WriteLineAsync(JsonSerializer.Serialize(list, HeadwayJson.Wire.WorkflowListRecord));
        else PlainTable.Write(terminal.Out, ["FEATURE", "VERSION", "HERE", "NEW JOBS", "UNDER WAY"], list.Workflows.Select(workflow => Row(list, workflow)));
    }

    private static string[] Row(WorkflowListRecord list, WorkflowRecord workflow) =>
    [
        workflow.Feature,
        workflow.Version.ToString(CultureInfo.InvariantCulture),
        workflow.Here ? "yes" : "no",
        workflow.Pinned ? "pinned" : IsNext(list, workflow) ? "highest" : "-",
        workflow.Jobs.Count == 0 ? "none" : string.Join(", ", workflow.Jobs.Select(count => $"{count.Value} {count.Key}")),
    ];

    private static bool IsNext(WorkflowListRecord list, WorkflowRecord workflow)
    {
        var others = list.Workflows.Where(one => one.Feature == workflow.Feature && one.Here).ToList();
        return workflow.Here && !others.Exists(one => one.Pinned) && others.Max(one => one.Version) == workflow.Version;
    }
}

internal sealed class WorkflowsPinCommand : RemoteVerb
{
    private readonly Argument<string> _feature = NameArgument.Create("FEATURE", "Name of the feature.");
    private readonly Argument<int?> _version = new("VERSION") { Description = "With which new jobs begin. Default: the highest again.", Arity = ArgumentArity.ZeroOrOne };

    public WorkflowsPinCommand(Terminal terminal, GlobalOptions global)
        : base("pin", "Says with which version of its code new jobs of a workflow begin.", "headway workflows pin contract-review 1", terminal, global)
    {
        Add(_feature);
        Add(_version);
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        await WorkflowsListCommand.WriteAsync(Terminal, await client.PinWorkflowAsync(line.GetRequiredValue(_feature), line.GetValue(_version), stop), IsJson(line));
        return ExitCode.Ok;
    }
}

internal sealed class WorkflowsMoveCommand : RemoteVerb
{
    private readonly Argument<string> _feature = NameArgument.Create("FEATURE", "Name of the feature.");
    private readonly Option<int> _from = new("--from") { Description = "The version they have.", HelpName = "N", Required = true };
    private readonly Option<int> _to = new("--to") { Description = "The version they go on with.", HelpName = "N", Required = true };
    private readonly Option<string?> _job = new("--job") { Description = "Only this one, which may be a dead letter.", HelpName = "JOB" };

    public WorkflowsMoveCommand(Terminal terminal, GlobalOptions global)
        : base("move", "Lets jobs under way go on with another version of their code. One whose journal does not fit it becomes a dead letter (mismatch).", "headway workflows move contract-review --from 1 --to 2", terminal, global)
    {
        Add(_feature);
        Add(_from);
        Add(_to);
        Add(_job);
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var moved = await client.MoveWorkflowsAsync(line.GetRequiredValue(_feature), line.GetValue(_from), line.GetValue(_to), line.GetValue(_job), stop);
        await Terminal.Out.WriteLineAsync(IsJson(line) ? JsonSerializer.Serialize(moved, HeadwayJson.Wire.WorkflowMoveRecord) : $"{moved.Moved} moved");
        return ExitCode.Ok;
    }
}
