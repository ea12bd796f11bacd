using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class DeadLettersGroupsCommand : RemoteVerb
{
    private static readonly string[] Names = ["COUNT", "FEATURE", "REASON", "CLASS", "FIRST", "LAST", "EXAMPLE", "FINGERPRINT"];

    private readonly JobFilters _filters;
    private readonly Option<int> _limit = JobsListCommand.LimitOption();

    public DeadLettersGroupsCommand(Terminal terminal, GlobalOptions global)
        : base("groups", "Counts dead letters by what they died of, the largest group first.", "headway dead-letters groups --since 24h", terminal, global)
    {
        _filters = new JobFilters(terminal);
        _filters.AddTo(this);
        Add(_limit);
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var groups = await client.DeadLetterGroupsAsync(_filters.Read(line) with { PageSize = Math.Clamp(line.GetValue(_limit), 1, 200) }, stop);
        if (IsJson(line)) await Terminal.Out.WriteLineAsync(JsonSerializer.Serialize(groups, HeadwayJson.Wire.DeadLetterGroupsRecord));
        else PlainTable.Write(Terminal.Out, Names, groups.Groups.Select(Row));
        return ExitCode.Ok;
    }

    private static string[] Row(DeadLetterGroupRecord group) =>
    [
        group.Count.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"{group.Feature}@{group.Version}"), group.Reason, group.Class,
        JobWords.Time(group.First), JobWords.Time(group.Last), group.Example, Printable.Of(group.Fingerprint),
    ];
}
