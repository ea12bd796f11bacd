using System.Text.Encodings.Web;
using System.Text.Json;
using Headway.Client;
using Spectre.Console;

namespace Headway.Server.Screen;

/// <summary>Follows the events of a job to their end: as JSON lines, as plain lines, or as a bar that moves.</summary>
internal static class Watch
{
    private const int BarWidth = 16;

    /// <summary>Spinner, clock, bar and the gaps between them.</summary>
    private const int BesideDescription = BarWidth + 18;

    public static Task FollowAsync(Terminal terminal, TextWriter lines, string job, IAsyncEnumerable<JobEventRecord> events, bool json)
    {
        if (json) return EachAsync(events, one => terminal.Out.WriteLine(JsonLine(one)));
        return terminal.IsInteractive ? DrawAsync(terminal, job, events) : EachAsync(events, one => lines.WriteLine(PlainLine(one)));
    }

    /// <summary>Writes the pieces of a streamed answer as they come, and nothing else.</summary>
    public static async Task PourAsync(Terminal terminal, IAsyncEnumerable<JobEventRecord> events, bool json)
    {
        if (json)
        {
            await EachAsync(events, one => terminal.Out.WriteLine(JsonLine(one)));
            return;
        }

        var midLine = false;
        await foreach (var one in events)
        {
            if (one.Kind == "restart")
            {
                await terminal.Error.WriteLineAsync("The answer begins anew; what was shown of it before is void.");
            }
            else if (one.Kind == "delta" && one.As(HeadwayJson.Wire.DeltaEventRecord) is { } delta)
            {
                var piece = delta.Text ?? $"{delta.Value}\n";
                midLine = !piece.EndsWith('\n') && (midLine || piece.Length > 0);
                await terminal.Out.WriteAsync(terminal.IsInteractive ? Printable.Of(piece) : piece);
                await terminal.Out.FlushAsync();
            }
        }

        if (midLine) await terminal.Out.WriteLineAsync();
    }

    /// <summary>Says on the error output why there is no result, if so.</summary>
    public static async Task<int> EndAsync(Terminal terminal, JobRecord job)
    {
        if (job.State == JobState.Succeeded) return ExitCode.Ok;
        var why = job.Error is { } error ? $": {error.Message} ({error.Code})" : ".";
        await terminal.Error.WriteLineAsync(Printable.Of($"{job.Id} ended {JobWords.State(job)}{why}"));
        return ExitCode.Finding;
    }

    private static async Task EachAsync(IAsyncEnumerable<JobEventRecord> events, Action<JobEventRecord> show)
    {
        await foreach (var one in events) show(one);
    }

    private static Task DrawAsync(Terminal terminal, string job, IAsyncEnumerable<JobEventRecord> events)
    {
        terminal.Lines.WriteLine(job);
        return terminal.Console.Progress()
            .Columns(new SpinnerColumn(), new ElapsedTimeColumn(), new ProgressBarColumn { Width = BarWidth }, new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(async progress =>
            {
                var bar = progress.AddTask("…").IsIndeterminate();
                await foreach (var one in events)
                {
                    if (one.Kind == "progress" && one.As(HeadwayJson.Wire.ProgressRecord) is { } step)
                    {
                        bar.IsIndeterminate = step.Total is null;
                        if (step.Total is { } total) bar.MaxValue(Math.Max(total, 1)).Value = step.Done;
                        bar.Description = Printable.Markup(Fitting(terminal, JobWords.Progress(step)));
                    }
                    else if (one.Kind == "status" && one.As(HeadwayJson.Wire.StatusEventRecord) is { } now)
                    {
                        var state = JobWords.Word(now.State);
                        bar.Description = $"[{JobWords.Color(now.State)}]{state}[/] {Printable.Markup(Fitting(terminal, now.Text ?? "", state.Length + 1))}";
                    }
                    else if (one.Kind == "end" && one.As(HeadwayJson.Wire.EndEventRecord) is { } end)
                    {
                        bar.Description = $"[{JobWords.Color(end.State)}]{JobWords.Word(end.State)}[/]";
                    }
                }

                bar.IsIndeterminate(false).Value = bar.MaxValue;
            });
    }

    /// <summary>The bar is redrawn in place, which a line that breaks would undo.</summary>
    private static string Fitting(Terminal terminal, string text, int taken = 0)
    {
        var room = terminal.Console.Profile.Width - BesideDescription - taken;
        return text.Length <= room ? text : room < 2 ? "" : text[..(room - 1)] + "…";
    }

    private static string JsonLine(JobEventRecord one)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            if (one.Id is { } id) writer.WriteNumber("id", id);
            writer.WriteString("event", one.Kind);
            writer.WritePropertyName("data");
            writer.WriteRawValue(one.Data);
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static string PlainLine(JobEventRecord one) => one.Kind switch
    {
        "status" when one.As(HeadwayJson.Wire.StatusEventRecord) is { } status => $"status\t{JobWords.Word(status.State)}\t{status.Text}".TrimEnd(),
        "progress" when one.As(HeadwayJson.Wire.ProgressRecord) is { } progress => $"progress\t{JobWords.Progress(progress)}",
        "end" when one.As(HeadwayJson.Wire.EndEventRecord) is { } end => $"end\t{JobWords.Word(end.State)}",
        _ => $"{one.Kind}\t{one.Data}",
    };
}
