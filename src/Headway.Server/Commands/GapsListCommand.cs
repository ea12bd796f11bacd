using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class GapsListCommand : RemoteVerb
{
    private readonly Option<string?> _kind = new("--kind") { Description = "One kind of gap, such as overdue or no-worker. Default: all.", HelpName = "KIND" };
    private readonly Option<bool> _all = new("--all") { Description = "Also those that are over." };

    public GapsListCommand(Terminal terminal, GlobalOptions global)
        : base("list", "Lists what was promised and is not so, newest first.", "headway gaps list --all", terminal, global)
    {
        Add(_kind);
        Add(_all);
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var list = await client.GapsAsync(line.GetValue(_kind), line.GetValue(_all), stop: stop);
        if (IsJson(line)) await Terminal.Out.WriteLineAsync(JsonSerializer.Serialize(list, HeadwayJson.Wire.GapListRecord));
        else PlainTable.Write(Terminal.Out, ["KIND", "WHAT", "JOBS", "FOUND", "STATE", "TEXT"], list.Gaps.Select(Row));
        return ExitCode.Ok;
    }

    private static string[] Row(GapRecord gap) =>
    [
        gap.Kind,
        Printable.Of(gap.What),
        gap.Amount.ToString(CultureInfo.InvariantCulture),
        gap.Found.ToString("u", CultureInfo.InvariantCulture),
        gap.Ended is null ? "open" : gap.Did is "waiting" ? "over" : gap.Did,
        Printable.Of(gap.WaitingFor is { } waits ? $"{gap.Text} {waits.Text}" : gap.Text),
    ];
}
