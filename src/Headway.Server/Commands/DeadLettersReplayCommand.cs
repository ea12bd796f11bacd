using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Headway.Client;

namespace Headway.Server.Commands;

internal sealed class DeadLettersReplayCommand : RemoteVerb
{
    private readonly JobFilters _filters;
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only tells what would become of them." };
    private readonly Option<string?> _with = new("--with-model") { Description = "Asks this model of the feature file instead.", HelpName = "NAME" };
    private readonly Option<int?> _atMost = new("--at-most") { Description = "Replays no more than this, 10000 at once.", HelpName = "NUMBER" };
    private readonly Option<string?> _key = new("--idempotency-key") { Description = "Idempotency-Key: a repeat with the same one gets the same report.", HelpName = "KEY" };
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Does not ask first. Nothing is asked where nobody looks on." };

    public DeadLettersReplayCommand(Terminal terminal, GlobalOptions global)
        : base("replay", "Puts dead letters back to queued; ids and histories stay.", "headway dead-letters replay --error model-timeout --dry-run", terminal, global)
    {
        _filters = new JobFilters(terminal);
        _filters.AddTo(this);
        Add(_dryRun);
        Add(_with);
        Add(_atMost);
        Add(_key);
        Add(_yes);
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var ask = Terminal.IsInteractive && !line.GetValue(_yes) && !line.GetValue(_dryRun) && !IsJson(line);
        if (ask && !await AgreedAsync(line, client, stop)) return ExitCode.Ok;

        var replay = await ReplayAsync(line, client, line.GetValue(_dryRun), stop);
        if (IsJson(line)) await Terminal.Out.WriteLineAsync(JsonSerializer.Serialize(replay, HeadwayJson.Wire.ReplayRecord));
        else await WriteAsync(replay);
        return ExitCode.Ok;
    }

    private Task<ReplayRecord> ReplayAsync(ParseResult line, HeadwayClient client, bool dryRun, CancellationToken stop) =>
        client.ReplayDeadLettersAsync(_filters.Read(line), dryRun, line.GetValue(_with), line.GetValue(_atMost), dryRun ? null : line.GetValue(_key), stop);

    private async Task WriteAsync(ReplayRecord replay)
    {
        await Terminal.Out.WriteLineAsync(replay.DryRun ? $"{replay.Count} dead letters would be replayed" : $"{replay.Count} dead letters replayed");
        foreach (var (code, count) in (replay.NotReplayed ?? new Dictionary<string, int>()).OrderBy(pair => pair.Key, StringComparer.Ordinal))
            await Terminal.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{count} not: {code}"));
        if (replay.More) await Terminal.Out.WriteLineAsync("There are more. Run it again to go on with them.");
    }

    private async Task<bool> AgreedAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var count = (await ReplayAsync(line, client, dryRun: true, stop)).Count;
        if (count == 0)
        {
            await Terminal.Out.WriteLineAsync("No dead letter matches.");
            return false;
        }

        await Terminal.Out.WriteAsync($"Replay {count} dead letters? [y/N] ");
        return await Terminal.In.ReadLineAsync(stop) is "y" or "Y" or "yes";
    }
}
