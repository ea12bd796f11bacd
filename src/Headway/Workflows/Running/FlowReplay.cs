using System.Text;
using System.Text.Json;
using Headway.Audit;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs.Running;
using Headway.Jobs.Waiting;
using Headway.Workflows.History;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Workflows.Running;

/// <summary>Holds code against a journal that was kept: runs it from its top, gives it what the journal holds, and does nothing of what it asks for.</summary>
internal static class FlowReplay
{
    /// <param name="andAnswer">An answer that is another than the one that was kept is a mismatch, too.</param>
    /// <exception cref="JournalMismatchException">The code does not come to the same questions, or ends otherwise: with what was expected and what was found.</exception>
    public static async Task CheckAsync(RecordedJournal journal, WorkflowWork work, bool andAnswer)
    {
        var attempt = AttemptOf(journal);
        var pump = new FlowPump();
        var past = FlowPast.Of(attempt.Job, journal.Began, journal.Lines.Select(line => line.ToEntry()), journal.Waits.Select(Wait));
        var flow = new Flow(past, pump) { IsReplaying = true };
        foreach (var change in past.Markers) flow.Mark(change);
        pump.Left = () => flow.Break(Flow.Outside("what no verb gave was awaited"));
        var verbs = new WorkflowContext(flow, flow.Root, attempt, Nothing, NullLogger.Instance);
        StartedWorkflow started = null!;
        pump.Turn(() => started = work.Start(attempt, verbs));
        try
        {
            if (started.Body is { } body)
            {
                while (IsAsking(flow, body) && past.TryNext(flow, out var open, out var line)) pump.Turn(() => flow.Give(open!, line!));
                Compare(journal, past, flow, body);
            }
            if (journal.End is { } end && (started.Body?.IsCompleted ?? true)) await CompareEndAsync(end, started, andAnswer).ConfigureAwait(false);
        }
        finally
        {
            if (started.Scope is not null) await started.Scope.DisposeAsync().ConfigureAwait(false);
        }
    }

    // Code that goes on somewhere else, or awaits something else, has asked for nothing when its turn is over.
    private static bool IsAsking(Flow flow, Task body) => !body.IsCompleted && flow.Broken is null && flow.Open.Count > 0;

    private static void Compare(RecordedJournal journal, FlowPast past, Flow flow, Task body)
    {
        if (flow.Broken is WorkflowFailedException broken) throw new JournalMismatchException(broken.Code, broken.Message);
        if (!body.IsCompleted && flow.Open.Count == 0) throw new JournalMismatchException("workflow-outside", Flow.Outside("what no verb gave is awaited").Message);
        if (body.IsCompleted)
        {
            past.CompareEnd(flow);
            past.Compare(flow);
        }
        else
        {
            past.Compare(flow);
            if (journal.End is not null) throw FlowPast.Mismatch("because the journal ends there: its end", FlowPast.Open(flow));
        }
    }

    private static async Task CompareEndAsync(RecordedEnd end, StartedWorkflow started, bool andAnswer)
    {
        var (code, answer, said) = await EndOfAsync(started).ConfigureAwait(false);
        if (code != end.Code) throw FlowPast.Mismatch($"as its end: {end.Code ?? "an answer"}", code is null ? "an answer" : $"{code} ({said})");
        if (andAnswer && code is null && !JsonElement.DeepEquals(answer, end.Answer ?? default)) throw FlowPast.Mismatch($"as its answer: {end.Answer}", answer.ToString());
    }

    private static async Task<(string? Code, JsonElement Answer, string? Said)> EndOfAsync(StartedWorkflow started)
    {
        try
        {
            var ended = await started.Answer().ConfigureAwait(false);
            return ended switch
            {
                Outcome.Done { Result: { } result } => (null, result.MediaType == Result.Prose ? JsonSerializer.SerializeToElement(Encoding.UTF8.GetString(result.Body.Span)) : JsonSerializer.Deserialize<JsonElement>(result.Body.Span), null),
                Outcome.Failed failed => (failed.Failure.Code, default, failed.Failure.Message),
                _ => (ended.GetType().Name, default, null),
            };
        }
        catch (WorkflowFailedException failed)
        {
            return (failed.Code, default, failed.Message);
        }
#pragma warning disable CA1031 // Whatever the body throws is how it ends.
        catch (Exception error) when (error is not JournalMismatchException)
#pragma warning restore CA1031
        {
            return (Failure.Bug(error).Code, default, $"{error.GetType().Name}: {error.Message}");
        }
    }

    private static Wait Wait(RecordedWait wait) => new(wait.Name, wait.Occurrence, wait.Kind switch
    {
        "delay" => WaitKind.Timer,
        "signal" => WaitKind.Signal,
        "approval" => WaitKind.Approval,
        "call" => WaitKind.Child,
        "start" => WaitKind.Start,
        "undo" => WaitKind.UndoRetry,
        _ => WaitKind.Retry,
    }, null, null, 0);

    // Nothing is asked of anybody, and whoever was given an address has answered there.
    private static readonly Surroundings Nothing = new(static (name, _) => throw new InvalidOperationException($"Nothing is asked of the model {name} here."), static (_, name) => Callbacks.Prefix + name, new Uri("https://replay.invalid"));

    private static Attempt AttemptOf(RecordedJournal journal) => new()
    {
        Job = JobId.TryParse(journal.Job, out var id) ? id : throw new JournalMismatchException("journal-unreadable", $"'{journal.Job}' is no id of a job."),
        Feature = new FeatureVersion { Feature = journal.Feature, Number = journal.Version, Contract = new Contract { Mode = Mode.Async }, Handler = new CodeDefinition(), Timeout = TimeSpan.FromHours(1) },
        Number = 1,
        Started = journal.Began,
        Tenant = journal.Tenant,
        Subject = journal.Subject,
        Input = new JobInput { MediaType = Result.Json, Json = JsonSerializer.SerializeToUtf8Bytes(journal.Input) },
        Until = DateTimeOffset.MaxValue,
        Output = NoOutput.Instance,
        Disclosures = new NoDisclosures(),
    };

    private sealed class NoDisclosures : DisclosureLog
    {
        public override ValueTask OpenAsync(Disclosure disclosure, CancellationToken stop) => ValueTask.CompletedTask;
    }
}
