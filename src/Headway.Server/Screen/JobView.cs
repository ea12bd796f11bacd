using System.Globalization;
using System.Text.Json;
using Headway.Client;
using Spectre.Console;

namespace Headway.Server.Screen;

/// <summary>One job: everything about it, or one line.</summary>
internal static class JobView
{
    private const int NameLength = 12;

    public static void Write(Terminal terminal, JobRecord job, IReadOnlyList<AttemptRecord> attempts)
    {
        var fields = Fields(job).Where(field => field.Value.Length > 0).ToList();
        if (!terminal.IsInteractive)
        {
            foreach (var (name, value) in fields) terminal.Out.WriteLine($"{name}\t{value.ReplaceLineEndings(" ")}");
            foreach (var attempt in attempts) terminal.Out.WriteLine($"attempt {attempt.Number}\t{Line(attempt)}");
            return;
        }

        foreach (var (name, value) in fields)
            terminal.Lines.MarkupLine($"[grey]{name.PadRight(NameLength)}[/] {(name == "state" ? $"[{JobWords.Color(job.State)}]{value}[/]" : Printable.Markup(value))}");
        foreach (var attempt in attempts)
            terminal.Lines.MarkupLine($"[grey]{$"attempt {attempt.Number}".PadRight(NameLength)}[/] {Printable.Markup(Line(attempt))}");
    }

    /// <summary>What a script wants after accepting, cancelling or replaying: id and state.</summary>
    public static void WriteLine(Terminal terminal, JobRecord job, bool json)
    {
        if (json) terminal.Out.WriteLine(JsonSerializer.Serialize(job, HeadwayJson.Wire.JobRecord));
        else if (terminal.IsInteractive) terminal.Lines.MarkupLine($"{Printable.Markup(job.Id)} [{JobWords.Color(job.State)}]{JobWords.State(job)}[/] {Printable.Markup(JobWords.Note(job))}");
        else terminal.Out.WriteLine($"{job.Id}\t{JobWords.State(job)}");
    }

    private static IEnumerable<(string Name, string Value)> Fields(JobRecord job)
    {
        yield return ("job", job.Id);
        yield return ("feature", JobWords.Feature(job));
        yield return ("mode", JobWords.Word(job.Mode));
        yield return ("state", JobWords.State(job));
        yield return ("waiting for", job.WaitingFor?.Text ?? "");
        yield return ("position", job.Position?.ToString(CultureInfo.InvariantCulture) ?? "");
        yield return ("estimate", JobWords.Time(job.Estimate));
        yield return ("progress", job.Progress is { } progress ? JobWords.Progress(progress) : "");
        yield return ("subject", job.Subject ?? "");
        yield return ("metadata", job.Metadata?.GetRawText() ?? "");
        yield return ("priority", job.Priority.ToString(CultureInfo.InvariantCulture));
        yield return ("created", JobWords.Time(job.Created));
        yield return ("started", JobWords.Time(job.Started));
        yield return ("finished", JobWords.Time(job.Finished));
        yield return ("deliver by", JobWords.Time(job.DeliverBy));
        yield return ("error", job.Error is { } error ? $"{error.Code}: {error.Message}" : "");
        yield return ("model", job.Model ?? "");
        yield return ("answer of", job.CachedFrom ?? "");
        yield return ("tokens", job.Usage is { } usage ? string.Create(CultureInfo.InvariantCulture, $"{usage.InputTokens} in, {usage.OutputTokens} out") : "");
        yield return ("cost", job.Cost is { } cost ? string.Create(CultureInfo.InvariantCulture, $"${cost}") : "");
        yield return ("correlation", job.Correlation);
    }

    private static string Line(AttemptRecord attempt)
    {
        var took = attempt.Finished is { } finished ? string.Create(CultureInfo.InvariantCulture, $" after {(finished - attempt.Started).TotalMilliseconds:0} ms") : "";
        var model = attempt.Model is null ? "" : $" by {attempt.Model}";
        var node = attempt.Node is null ? "" : $" on {attempt.Node}";
        var error = attempt.Error is { } why ? $" ({why.Code}: {why.Message})" : "";
        return $"{JobWords.Time(attempt.Started)} {attempt.Outcome}{took}{model}{node}{error}";
    }
}
