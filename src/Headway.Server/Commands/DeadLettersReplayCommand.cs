using System.CommandLine;
using System.Text.Json;
using Headway.Client;

namespace Headway.Server.Commands;

internal sealed class DeadLettersReplayCommand : RemoteVerb
{
    private readonly JobFilters _filters;
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only counts them." };
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Does not ask first. Nothing is asked where nobody looks on." };

    public DeadLettersReplayCommand(Terminal terminal, GlobalOptions global)
        : base("replay", "Puts dead letters back to queued; ids and histories stay.", "headway dead-letters replay --error model-timeout --dry-run", terminal, global)
    {
        _filters = new JobFilters(terminal);
        _filters.AddTo(this);
        Add(_dryRun);
        Add(_yes);
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var query = _filters.Read(line);
        var ask = Terminal.IsInteractive && !line.GetValue(_yes) && !line.GetValue(_dryRun) && !IsJson(line);
        if (ask && !await AgreedAsync(client, query, stop)) return ExitCode.Ok;

        var replay = await client.ReplayDeadLettersAsync(query, line.GetValue(_dryRun), stop);
        await Terminal.Out.WriteLineAsync(IsJson(line)
            ? JsonSerializer.Serialize(replay, HeadwayJson.Wire.ReplayRecord)
            : replay.DryRun ? $"{replay.Count} dead letters would be replayed" : $"{replay.Count} dead letters replayed");
        return ExitCode.Ok;
    }

    private async Task<bool> AgreedAsync(HeadwayClient client, JobQuery query, CancellationToken stop)
    {
        var count = (await client.ReplayDeadLettersAsync(query, dryRun: true, stop)).Count;
        if (count == 0)
        {
            await Terminal.Out.WriteLineAsync("No dead letter matches.");
            return false;
        }

        await Terminal.Out.WriteAsync($"Replay {count} dead letters? [y/N] ");
        return await Terminal.In.ReadLineAsync(stop) is "y" or "Y" or "yes";
    }
}
