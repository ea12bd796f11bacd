using System.Globalization;
using Headway.Client;

namespace Headway.Server.Screen;

/// <summary>How a job is spoken of, the same in tables, lines and views.</summary>
internal static class JobWords
{
    public static string Feature(JobRecord job) => string.Create(CultureInfo.InvariantCulture, $"{job.Feature}@{job.Version}");

    public static string State(JobRecord job) => Word(job.State);

    public static string Word(Enum value) => value.ToString().ToLowerInvariant();

    public static string Color(JobState state) => state switch
    {
        JobState.Succeeded => "green",
        JobState.Failed or JobState.Dead => "red",
        JobState.Running => "blue",
        JobState.Cancelled => "grey",
        _ => "yellow",
    };

    public static string Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) ?? "";

    /// <summary>Why it does not run, why it has no result, or how far it is.</summary>
    public static string Note(JobRecord job)
    {
        if (job.WaitingFor is { } waiting) return waiting.Text;
        if (job.Error is { } error) return $"{error.Code}: {error.Message}";
        return job.IsFinished || job.Progress is null ? "" : Progress(job.Progress);
    }

    public static string Progress(ProgressRecord progress)
    {
        var total = progress.Total is { } all ? string.Create(CultureInfo.InvariantCulture, $"/{all}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{progress.Done}{total} {progress.Note}").TrimEnd();
    }

    /// <summary>How long ago, in the largest unit that is not zero.</summary>
    public static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 1 } => "now",
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{age.Seconds} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{age.Minutes} min"),
        { TotalDays: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{age.Hours} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{age.Days} d"),
    };
}
