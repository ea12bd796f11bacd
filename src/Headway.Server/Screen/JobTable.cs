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
    private const int StateLength = 12;
    private const int AgeLength = 6;

    public static void Write(Terminal terminal, IReadOnlyList<JobRecord> jobs, bool json)
    {
        if (json) terminal.Out.WriteLine(JsonSerializer.Serialize(new JobPageRecord(jobs), HeadwayJson.Wire.JobPageRecord));
        else if (!terminal.IsInteractive) PlainTable.Write(terminal.Out, Names, jobs.Select(Row));
        else if (jobs.Count == 0) terminal.Out.WriteLine("No job matches.");
        else Draw(terminal.Lines, terminal.Time.GetUtcNow(), jobs);
    }

    private static string[] Row(JobRecord job) =>
    [
        job.Id, JobWords.Feature(job), JobWords.Word(job.Mode), JobWords.State(job), job.Attempt.ToString(CultureInfo.InvariantCulture),
        JobWords.Time(job.Created), JobWords.Time(job.Finished), job.Subject ?? "", JobWords.Note(job),
    ];

    // No table of the library: it breaks an id where the window is narrow, and an id is there to be copied.
    private static void Draw(IAnsiConsole console, DateTimeOffset now, IReadOnlyList<JobRecord> jobs)
    {
        var feature = Math.Max("Feature".Length, jobs.Max(job => JobWords.Feature(job).Length));
        console.MarkupLine($"[bold]{"Job".PadRight(IdLength)}  {"Feature".PadRight(feature)}  {"State".PadRight(StateLength)}  {"Age".PadRight(AgeLength)}  Subject[/]");
        foreach (var job in jobs)
        {
            var tries = job.Attempt > 1 ? string.Create(CultureInfo.InvariantCulture, $"{JobWords.State(job)} ×{job.Attempt}") : JobWords.State(job);
            console.MarkupLine(
                $"{Printable.Markup(job.Id.PadRight(IdLength))}  {Printable.Markup(JobWords.Feature(job).PadRight(feature))}  [{JobWords.Color(job.State)}]{tries.PadRight(StateLength)}[/]  "
                + $"{JobWords.Age(now - job.Created).PadRight(AgeLength)}  {Printable.Markup(job.Subject ?? "")}".TrimEnd());
            if (JobWords.Note(job) is { Length: > 0 } note) console.MarkupLine($"  [grey]{Printable.Markup(note)}[/]");
        }
    }
}
