using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class AuditSearchCommand : RemoteVerb
{
    private const int LargestPage = 200;
    private readonly Option<string?> _subject = new("--subject") { Description = "Of this subject: who has seen what of it, and its events.", HelpName = "SUBJECT" };
    private readonly Option<string?> _actor = new("--actor") { Description = "Done by this key or person.", HelpName = "NAME" };
    private readonly Option<string?> _action = new("--action") { Description = "Of this kind, such as delivered.", HelpName = "ACTION" };
    private readonly Option<string?> _feature = new("--feature") { Description = "Of this feature.", HelpName = "NAME" };
    private readonly Option<string?> _job = new("--job") { Description = "Of this job.", HelpName = "JOB" };
    private readonly Option<DateTimeOffset?> _since;
    private readonly Option<DateTimeOffset?> _until;
    private readonly Option<int> _limit = JobsListCommand.LimitOption();

    public AuditSearchCommand(Terminal terminal, GlobalOptions global)
        : base("search", "Lists audit events, newest first; of a subject also who has seen what of it. Recorded as viewed.", "headway audit search --subject encounter/8812", terminal, global)
    {
        (_since, _until) = (TimeOptions.Since(terminal, "Told at or after this time, or this long ago."), TimeOptions.Until(terminal));
        foreach (var option in (Option[])[_subject, _actor, _action, _feature, _job, _since, _until, _limit]) Add(option);
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var limit = line.GetValue(_limit);
        var query = new AuditQuery
        {
            Subject = line.GetValue(_subject),
            Actor = line.GetValue(_actor),
            Action = line.GetValue(_action),
            Feature = line.GetValue(_feature),
            Job = line.GetValue(_job),
            Since = line.GetValue(_since),
            Until = line.GetValue(_until),
            PageSize = Math.Min(limit, LargestPage),
        };
        var disclosures = query.Subject is { } subject ? await client.DisclosuresAsync(subject, query.Since, query.Until, stop) : null;
        var events = await client.SearchAuditAsync(query, stop).Take(limit).ToListAsync(stop);
        if (IsJson(line)) WriteJson(disclosures, events);
        else Write(disclosures, events);
        return ExitCode.Ok;
    }

    private void WriteJson(DisclosureListRecord? disclosures, IReadOnlyList<AuditRecord> events)
    {
        var both = new JsonObject();
        if (disclosures is not null) both["disclosures"] = JsonSerializer.SerializeToNode(disclosures, HeadwayJson.Wire.DisclosureListRecord)!["disclosures"]!.DeepClone();
        both["events"] = JsonSerializer.SerializeToNode(new AuditListRecord(events), HeadwayJson.Wire.AuditListRecord)!["events"]!.DeepClone();
        Terminal.Out.WriteLine(both.ToJsonString());
    }

    private void Write(DisclosureListRecord? disclosures, IReadOnlyList<AuditRecord> events)
    {
        if (disclosures is not null)
        {
            PlainTable.Write(Terminal.Out, ["WHO", "KIND", "ACTION", "FEATURE", "COUNT", "FIRST", "LAST"], disclosures.Disclosures.Select(Row));
            if (disclosures.More) Terminal.Error.WriteLine("There are more: narrow the times with --since and --until.");
            Terminal.Out.WriteLine();
        }

        AuditTable.WriteFound(Terminal, events);
    }

    private static string[] Row(DisclosureRecord one) =>
        [Printable.Of(one.Who), one.Kind, one.Action, one.Feature, one.Count.ToString(System.Globalization.CultureInfo.InvariantCulture), JobWords.Time(one.First), JobWords.Time(one.Last)];
}
