using System.Globalization;
using System.Text.Json;
using Headway.Client;
using Spectre.Console;

namespace Headway.Server.Screen;

/// <summary>A list of jobs.</summary>
internal static class JobTable
{
    private static readonly string[] Names = ["ID", "FEATURE", "MODE", "STATE", "ATTEMPT", "CREATED", "FINISHED", "SUBJECT", "NOTE"];

    public static void Write(Terminal terminal, IReadOnlyList<JobRecord> jobs, bool json)
    {
        if (json) terminal.Out.WriteLine(JsonSerializer.Serialize(new JobPageRecord(jobs), HeadwayJson.Wire.JobPageRecord));
        else if (!terminal.IsInteractive) PlainTable.Write(terminal.Out, Names, jobs.Select(Row));
        else if (jobs.Count == 0) terminal.Out.WriteLine("No job matches.");
        else terminal.Console.Write(Drawn(terminal.Time.GetUtcNow(), jobs));
    }

    private static string[] Row(JobRecord job) =>
    [
        job.Id, JobWords.Feature(job), JobWords.Word(job.Mode), JobWords.State(job), job.Attempt.ToString(CultureInfo.InvariantCulture),
        JobWords.Time(job.Created), JobWords.Time(job.Finished), job.Subject ?? "", JobWords.Note(job),
    ];

    private static Table Drawn(DateTimeOffset now, IReadOnlyList<JobRecord> jobs)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Job", "Feature", "State", "Attempt", "Age", "Subject", "Note");
        table.Columns[0].NoWrap();
        foreach (var job in jobs)
        {
            table.AddRow(
                Markup.Escape(job.Id), Markup.Escape(JobWords.Feature(job)), $"[{JobWords.Color(job.State)}]{JobWords.State(job)}[/]",
                job.Attempt.ToString(CultureInfo.InvariantCulture), JobWords.Age(now - job.Created), Markup.Escape(job.Subject ?? ""), Markup.Escape(JobWords.Note(job)));
        }

        return table;
    }
}
