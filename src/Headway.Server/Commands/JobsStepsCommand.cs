using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class JobsStepsCommand : RemoteVerb
{
    private readonly Argument<string> _job = JobsShowCommand.JobArgument();
    private readonly Argument<long?> _number = new("NUMBER") { Description = "One of them, with what it gave and what it cost; recorded as viewed.", Arity = ArgumentArity.ZeroOrOne };

    public JobsStepsCommand(Terminal terminal, GlobalOptions global)
        : base("steps", "Shows how far a workflow is, and what it waits for.", "headway jobs steps job_0195512f7b1c7c7e9a3b2f4d5e6f7a8b", terminal, global)
    {
        Add(_job);
        Add(_number);
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var id = line.GetRequiredValue(_job);
        if (line.GetValue(_number) is { } number)
        {
            await Terminal.Out.WriteLineAsync(JsonSerializer.Serialize(await client.StepAsync(id, number, stop), HeadwayJson.Wire.StepDetailRecord));
            return ExitCode.Ok;
        }

        var steps = new List<StepRecord>();
        string? cursor = null;
        do
        {
            var page = await client.StepsAsync(id, cursor, stop);
            (cursor, steps) = (page.Next, [.. steps, .. page.Steps]);
        }
        while (cursor is not null);
        if (IsJson(line)) await Terminal.Out.WriteLineAsync(JsonSerializer.Serialize(new StepListRecord(steps), HeadwayJson.Wire.StepListRecord));
        else PlainTable.Write(Terminal.Out, ["NUMBER", "KIND", "NAME", "STATE", "TRIES", "TOOK", "WAITS"], steps.Select(Row));
        return ExitCode.Ok;
    }

    private static string[] Row(StepRecord step) =>
    [
        step.Number?.ToString(CultureInfo.InvariantCulture) ?? "-",
        step.Kind,
        step.Occurrence == 1 ? step.Name : $"{step.Name} #{step.Occurrence}",
        step.State,
        step.Tries?.ToString(CultureInfo.InvariantCulture) ?? "-",
        step.Ended is { } ended ? $"{(ended - step.Began).TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s" : "-",
        step.Question ?? (step.Until is { } until ? $"until {until.ToUniversalTime():yyyy-MM-dd HH:mm:ss} UTC" : step.Job ?? ""),
    ];
}
