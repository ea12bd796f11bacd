using System.Text;
using System.Text.Json;
using Headway.Access;
using Headway.Handlers;
using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Jobs.Waiting;
using Headway.Workflows.History;

namespace Headway.Testing;

/// <summary>A job of the workflow under test.</summary>
public sealed class WorkflowTestJob
{
    // More than a test looks at.
    private const int MostSteps = 50_000;

    private readonly WorkflowTestHost _host;
    private readonly JobId _id;
    private int _signals;

    internal WorkflowTestJob(WorkflowTestHost host, JobId id) => (_host, _id) = (host, id);

    /// <summary>As the API shows it: `job_` and 32 hex digits. The same each time the test is run.</summary>
    public string Id => _id.ToString();

    /// <summary>Sends a signal, and waits until all that follows has been done.</summary>
    /// <exception cref="WorkflowTestException">The job has ended.</exception>
    public async Task SignalAsync(string name, object? value = null)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(value, value?.GetType() ?? typeof(object), CodeJson.Options);
        // A node that dies over it is sent it again, and it is the same signal.
        var key = $"test-{Interlocked.Increment(ref _signals)}";
        var sent = await _host.OnNodeAsync(node => node.Engine.SignalAsync(Caller.Local, _id, name, json, key, CancellationToken.None)).ConfigureAwait(false);
        if (sent is Signalled.Over) throw new WorkflowTestException($"The signal {name} comes too late: {await SayAsync().ConfigureAwait(false)}");
        if (sent is Signalled.Full) throw new WorkflowTestException($"The job has {SendSignal.Most} signals that it has not asked for, and takes no more.");
        await _host.RestAsync().ConfigureAwait(false);
    }

    /// <summary>Sends a decision.</summary>
    /// <inheritdoc cref="SignalAsync"/>
    public Task ApproveAsync(string name, bool granted = true, string? reason = null) => SignalAsync(name, new Approval(granted, reason));

    /// <summary>The result, once all that can be done without moving the clock has been done.</summary>
    /// <exception cref="WorkflowTestException">It still waits, failed, or gave something else.</exception>
    public async Task<T> ResultAsync<T>()
    {
        await _host.RestAsync().ConfigureAwait(false);
        var answer = await _host.OnNodeAsync(node => node.Engine.ResultAsync(Caller.Local, _id, CancellationToken.None)).ConfigureAwait(false);
        if (answer is not ResultAnswer.Found { Result: var result }) throw new WorkflowTestException($"There is no result: {await SayAsync().ConfigureAwait(false)}");
        var text = Encoding.UTF8.GetString(result.Body.Span);
        if (result.MediaType == Result.Prose && text is T prose) return prose;
        try
        {
            return JsonSerializer.Deserialize<T>(text, CodeJson.Options)!;
        }
        catch (JsonException unfit)
        {
            throw new WorkflowTestException($"The result is no {typeof(T).Name}: {text}", unfit);
        }
    }

    /// <summary>Why it failed, once all that can be done without moving the clock has been done.</summary>
    /// <exception cref="WorkflowTestException">It did not fail.</exception>
    public async Task<WorkflowTestFailure> FailureAsync()
    {
        await _host.RestAsync().ConfigureAwait(false);
        var job = await JobAsync().ConfigureAwait(false);
        return job is { State: JobState.Dead or JobState.Failed, Error: { } error } ? new WorkflowTestFailure(error.Code, error.Message) : throw new WorkflowTestException($"It did not fail: {await SayAsync().ConfigureAwait(false)}");
    }

    /// <summary>Moves the clock from one thing that is due to the next until the job has ended, well or not. Timeouts of signals pass, too.</summary>
    /// <exception cref="WorkflowTestException">It waits for what no time brings: a signal without a timeout.</exception>
    public async Task ToEndAsync()
    {
        await _host.RestAsync().ConfigureAwait(false);
        while (!(await JobAsync().ConfigureAwait(false)).IsFinished)
        {
            if (!await _host.Clockwork.AdvanceToNextAsync().ConfigureAwait(false)) throw new WorkflowTestException($"It does not end, however long it takes: {await SayAsync().ConfigureAwait(false)}");
        }
    }

    /// <summary>Cancels it.</summary>
    public async Task CancelAsync()
    {
        await _host.OnNodeAsync(node => node.Engine.CancelAsync(Caller.Local, _id, CancellationToken.None)).ConfigureAwait(false);
        await _host.RestAsync().ConfigureAwait(false);
    }

    /// <summary>`scheduled`, `queued`, `running`, `waiting`, `succeeded`, `dead` or `cancelled`, once all that can be done without moving the clock has been done.</summary>
    public async Task<string> StateAsync()
    {
        await _host.RestAsync().ConfigureAwait(false);
        return (await JobAsync().ConfigureAwait(false)).State.ToString().ToLowerInvariant();
    }

    /// <summary>What it got, in the order in which it learned of it.</summary>
    public async Task<IReadOnlyList<WorkflowTestStep>> StepsAsync() => [.. (await AllAsync().ConfigureAwait(false)).Where(step => step.Number is not null)];

    /// <summary>What it waits for: signals, approvals, children, timers, and steps that are tried again.</summary>
    public async Task<IReadOnlyList<WorkflowTestStep>> WaitsForAsync() => [.. (await AllAsync().ConfigureAwait(false)).Where(step => step.Number is null)];

    /// <summary>Writes its journal to a file, for <see cref="WorkflowReplay"/>.</summary>
    public async Task ExportAsync(string path)
    {
        await _host.RestAsync().ConfigureAwait(false);
        var journal = await _host.OnNodeAsync(node => node.Engine.JournalAsync(Caller.Local, _id)).ConfigureAwait(false) ?? throw new WorkflowTestException("There is no journal: the job has not begun.");
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(journal, RecordedJournal.Json) + "\n").ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<WorkflowTestStep>> AllAsync()
    {
        await _host.RestAsync().ConfigureAwait(false);
        var steps = new List<WorkflowTestStep>();
        for (long? after = 0; after is { } from && steps.Count < MostSteps;)
        {
            var page = await _host.OnNodeAsync(node => node.Engine.StepsAsync(Caller.Local, _id, from, 1_000).AsTask()).ConfigureAwait(false) ?? throw new WorkflowTestException($"There is no job {_id}.");
            steps.AddRange(page.Steps.Select(step => new WorkflowTestStep(step.Kind, step.Name, step.Occurrence, step.State, step.Tries) { Number = step.Number, Until = step.Until, At = step.Ended }));
            after = page.Next;
        }
        return steps;
    }

    private Task<Job> JobAsync() => _host.OnNodeAsync(async node => await node.Engine.FindAsync(Caller.Local, _id).ConfigureAwait(false) ?? throw new WorkflowTestException($"There is no job {_id}."));

    private async Task<string> SayAsync()
    {
        var job = await JobAsync().ConfigureAwait(false);
        if (job.IsFinished) return job.Error is { } error ? $"it is {job.State.ToString().ToLowerInvariant()}, {error.Code}: {error.Message}" : $"it is {job.State.ToString().ToLowerInvariant()}.";
        var waits = await WaitsForAsync().ConfigureAwait(false);
        return $"it waits for {(waits.Count == 0 ? job.WaitingFor?.Text ?? "its turn" : string.Join(", ", waits.Select(wait => wait.Until is { } until ? $"{wait} until {until:u}" : wait.ToString())))}. It is {_host.Now:u}.";
    }
}

/// <summary>One thing that a workflow asked for.</summary>
/// <param name="Kind">`step`, `signal`, `approval`, `call`, `start`, `delay`, `patch`, `undo`.</param>
/// <param name="Name">With the branches it lies in before it.</param>
/// <param name="Occurrence">1 for the first of the name.</param>
/// <param name="State">`succeeded`, `failed`, `timed-out`; `waiting`, or `retrying` between two tries.</param>
/// <param name="Tries">How often it was tried.</param>
public sealed record WorkflowTestStep(string Kind, string Name, int Occurrence, string State, int Tries)
{
    internal long? Number { get; init; }

    /// <summary>Of what is waited for: when it is waited for no longer, or tried again; null: no end is set.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Of what was got: when, in virtual time.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>`step charge`.</summary>
    public override string ToString() => $"{Kind} {Name}";
}

/// <summary>Why a workflow failed.</summary>
/// <param name="Code">Stable: that of its `WorkflowFailedException`, of a step, or of the engine.</param>
/// <param name="Message">For people.</param>
public sealed record WorkflowTestFailure(string Code, string Message);
