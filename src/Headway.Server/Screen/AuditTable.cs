using System.Text.Json;
using Headway.Client;
using Spectre.Console;

namespace Headway.Server.Screen;

/// <summary>The audit events of a job.</summary>
internal static class AuditTable
{
    private static readonly string[] Names = ["AT", "ACTION", "ACTOR", "DATA", "RECIPIENT", "OUTCOME", "ADDRESS"];

    public static void Write(Terminal terminal, IReadOnlyList<AuditRecord> events, bool json)
    {
        if (json)
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(new AuditListRecord(events), HeadwayJson.Wire.AuditListRecord));
            return;
        }

        if (!terminal.IsInteractive)
        {
            PlainTable.Write(terminal.Out, Names, events.Select(Row));
            return;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("At", "Action", "Actor", "Data", "Recipient", "Outcome", "Address");
        foreach (var one in events) table.AddRow(Row(one).Select(Printable.Markup).ToArray());
        terminal.Console.Write(table);
    }

    /// <summary>Events of many jobs: each says of which.</summary>
    public static void WriteFound(Terminal terminal, IReadOnlyList<AuditRecord> events) => PlainTable.Write(terminal.Out, [.. Names, "FEATURE", "JOB"],
        events.Select(one => (string[])[.. Row(one).Select(Printable.Of), one.Feature, one.Job ?? one.File ?? ""]));

    private static string[] Row(AuditRecord one) =>
        [JobWords.Time(one.At), one.Action, one.Actor, one.Data, one.Recipient ?? "", one.Outcome ?? "", one.Address ?? ""];
}
