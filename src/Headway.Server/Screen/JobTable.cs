using System.Globalization;
using System.Text.Json;
using Headway.Client;
using Spectre.Console;

namespace Headway.Server.Screen;

/// <summary>A list of jobs.</summary>
internal static class JobTable
{
    private static readonly string[] Names = ["ID", "FEATURE", "MODE", "STATE", "ATTEMPT", "CREATED", "FINISHED", "SUBJECT", "NOTE"];
    private const int IdLength = 36;

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

    // A job's id is never broken: it is there to be copied. The note has its place below it, so that 80 columns are enough.
    private static Table Drawn(DateTimeOffset now, IReadOnlyList<JobRecord> jobs)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Job", "Feature", "State", "Age", "Subject");
        table.Columns[0].Width(IdLength).NoWrap = false;
        foreach (var column in table.Columns.Skip(1).Take(3)) column.NoWrap();
        foreach (var column in table.Columns) column.Padding(0, 1);
        foreach (var job in jobs)
        {
            var note = JobWords.Note(job);
            var tries = job.Attempt > 1 ? string.Create(CultureInfo.InvariantCulture, $" ×{job.Attempt}") : "";
            table.AddRow(
                Markup.Escape(job.Id) + (note.Length == 0 ? "" : $"\n[grey]{Markup.Escape(note)}[/]"), Markup.Escape(JobWords.Feature(job)),
                $"[{JobWords.Color(job.State)}]{JobWords.State(job)}[/]{tries}", JobWords.Age(now - job.Created), Markup.Escape(job.Subject ?? ""));
        }

        return table;
    }
}
