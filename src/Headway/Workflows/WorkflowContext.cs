using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using Headway.Handlers;
using Headway.Handlers.Code;
using Headway.Workflows;
using Headway.Workflows.History;
using Headway.Workflows.Running;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Headway;

/// <summary>
/// The verbs of a workflow. What they give is durable before the code learns of it, and is given again, in the same order, whenever the code is run again.
/// </summary>
public sealed class WorkflowContext
{
    private const string Verb = "A verb among verbs: what is written with flow. is replayed as it was.";

    private readonly Flow _flow;
    private readonly Branch _branch;
    private readonly Attempt _attempt;
    private readonly Surroundings _around;

    internal WorkflowContext(Flow flow, Branch branch, Attempt attempt, Surroundings around, ILogger logger)
    {
        (_flow, _branch, _attempt, _around) = (flow, branch, attempt, around);
        Logger = logger;
    }

    /// <summary>Identity of the job, as the API shows it: `job_` and 32 hex digits.</summary>
    public string Job => _attempt.Job.ToString();

    /// <summary>Name of the feature, as the feature file calls it.</summary>
    public string Feature => _attempt.Feature.Feature;

    /// <summary>Version of the feature: 1 unless the file says otherwise.</summary>
    public int Version => _attempt.Feature.Number;

    /// <summary>How often the code was run from its top, this time included.</summary>
    public int Attempt => _attempt.Number;

    /// <summary>Whose data this is. Nothing crosses tenants.</summary>
    public string Tenant => _attempt.Tenant;

    /// <summary>The thing the result belongs to, if the caller named it.</summary>
    public string? Subject => _attempt.Subject;

    /// <summary>The workflow's own time, the same whenever the code is run again: when it was given what it waited for last.</summary>
    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(_flow.Now);

    /// <summary>Chance that is the same whenever the code is run again.</summary>
    public Random Random => _flow.Random;

    /// <summary>Writes under `Headway.Features.NAME`. What the body writes is written again whenever it is run again; see <see cref="IsReplaying"/>.</summary>
    public ILogger Logger { get; }

    /// <summary>The code is given what it got before, and has not come further yet.</summary>
    public bool IsReplaying => _flow.IsReplaying;

    /// <summary>An id that is the same whenever the code is run again (UUID version 8).</summary>
    public Guid NewId() => _flow.NewId();

    /// <summary>Does some work that touches the world, once for all: its result is kept, and a failed try is tried again by policy.</summary>
    /// <param name="name">What the step is called in the journal. Used again, one after the other, each use is another step.</param>
    /// <param name="work">May be run again when the node dies before its result is kept; make it idempotent, or give what it calls the job's id as a key.</param>
    /// <exception cref="WorkflowFailedException">It failed for good.</exception>
    public Task<T> Step<T>(string name, Func<CancellationToken, Task<T>> work, StepOptions? options = null) => Do(name, EntryKind.Step, work, options);

    /// <summary>A step that undoes another.</summary>
    internal Task UndoAsync(string name, Func<CancellationToken, Task> undo) => Do(name, EntryKind.Undo, async stop =>
    {
        await undo(stop).ConfigureAwait(false);
        return true;
    }, null);

    private Task<T> Do<T>(string name, EntryKind kind, Func<CancellationToken, Task<T>> work, StepOptions? options)
    {
        ArgumentNullException.ThrowIfNull(work);
        return _flow.Ask(_branch, name, kind, key => new Operation<T>(Read<T>)
        {
            Key = key,
            Kind = kind,
            Branch = _branch,
            Options = options,
            Work = async stop => Write(name, await work(stop).ConfigureAwait(false)),
        });
    }

    /// <summary>A step whose work is told which try of it this is.</summary>
    internal Task<T> Step<T>(string name, Func<StepTry, CancellationToken, Task<T>> work) => _flow.Ask(_branch, name, EntryKind.Step, key =>
    {
        Operation<T>? asked = null;
        return asked = new Operation<T>(Read<T>)
        {
            Key = key,
            Kind = EntryKind.Step,
            Branch = _branch,
            Work = async stop => Write(name, await work(new StepTry(_attempt, key, asked!.Tally), stop).ConfigureAwait(false)),
        };
    });

    /// <inheritdoc cref="Step{T}(string, Func{CancellationToken, Task{T}}, StepOptions?)"/>
    public Task Step(string name, Func<CancellationToken, Task> work, StepOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        return Step(name, async stop =>
        {
            await work(stop).ConfigureAwait(false);
            return true;
        }, options);
    }

    /// <summary>A job of another feature, and its answer. It is cancelled when this job ends without it.</summary>
    /// <param name="feature">Async or hybrid. The name of the step as well.</param>
    /// <exception cref="WorkflowFailedException">The child ended without an answer.</exception>
    public Task<T> Call<T>(string feature, object? input) => _flow.Ask(_branch, feature, EntryKind.Call, key => Child(key, EntryKind.Call, feature, input, ReadAnswer<T>));

    /// <summary>The same under a name of its own, with the answer as it is: prose as a text.</summary>
    internal Task<JsonElement> Call(string name, string feature, JsonElement input) => _flow.Ask(_branch, name, EntryKind.Call, key => Child(key, EntryKind.Call, feature, input, ReadAny));

    /// <summary>A job of another feature that goes its own way, whatever becomes of this one; its id.</summary>
    public Task<string> Start(string feature, object? input) => _flow.Ask(_branch, feature, EntryKind.Start, key => Child(key, EntryKind.Start, feature, input, entry => entry.Child!.Value.ToString()));

    /// <summary>Waits, durably, and holds nothing meanwhile.</summary>
    public Task Delay(TimeSpan time, string name = "delay") => Until(Now + time, name);

    /// <summary>Waits until then, durably, and holds nothing meanwhile.</summary>
    public Task Until(DateTimeOffset time, string name = "delay") => _flow.Ask(_branch, name, EntryKind.Timer, key => new Operation<bool>(static _ => true)
    {
        Key = key,
        Kind = EntryKind.Timer,
        Branch = _branch,
        Due = time.ToUnixTimeMilliseconds(),
    });

    /// <summary>Waits for what somebody sends under a name (`POST /v1/jobs/{id}/signals/{name}`). What came before it was asked for is kept, and given in its order.</summary>
    /// <param name="timeout">Null: as long as the job lives.</param>
    /// <exception cref="WorkflowTimeoutException">It did not come in time.</exception>
    public Task<T> Signal<T>(string name, TimeSpan? timeout = null) => Awaited(name, EntryKind.Signal, timeout, ReadSent<T>);

    /// <summary>Waits for a person's decision, sent as the signal of this name: `{"granted": true, "reason": "…"}`.</summary>
    /// <param name="question">What is to be decided, for whoever looks at what waits for a decision.</param>
    /// <param name="link">Where it is shown.</param>
    /// <exception cref="WorkflowTimeoutException">Nobody decided in time.</exception>
    public Task<Approval> Approval(string name, TimeSpan? timeout = null, string? question = null, Uri? link = null) =>
        Awaited(name, EntryKind.Approval, timeout, ReadSent<Approval>, question is null && link is null ? null : JsonSerializer.SerializeToUtf8Bytes(new Question(question, link?.ToString()), CodeJson.Options));

    /// <summary>A one-time address for a system outside, which answers by posting JSON to it: the first answer counts. Ask for it, give its address away in a step, and await its answer.</summary>
    /// <param name="timeout">Null: as long as the job lives.</param>
    public Callback<T> Callback<T>(string name, TimeSpan? timeout = null)
    {
        // Each run of a job has addresses of its own.
        var place = _flow.Place(_flow.Round == 1 ? $"{_branch.Prefix}callback {name}" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{_branch.Prefix}callback {name} of run {_flow.Round}"));
        var answer = Awaited(place[_branch.Prefix.Length..], EntryKind.Signal, timeout, ReadSent<T>);
        return new Callback<T>(_around.CallbackPath(_attempt, place), _around.PublicUrl, answer);
    }

    /// <summary>All of them. When one fails, the others are waited for all the same, and then the failure is told.</summary>
    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = Verb)]
    public async Task<IReadOnlyList<T>> All<T>(IEnumerable<Task<T>> tasks) => await Task.WhenAll(tasks);

    /// <summary>The first that succeeds; the others go on. Fails when all have failed.</summary>
    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = Verb)]
    public async Task<T> Any<T>(IEnumerable<Task<T>> tasks)
    {
        var left = tasks.ToList();
        if (left.Count == 0) throw new ArgumentException("There is nothing to wait for.", nameof(tasks));
        while (true)
        {
            var first = await Task.WhenAny(left);
            left.Remove(first);
            if (first.IsCompletedSuccessfully || left.Count == 0) return await first;
        }
    }

    /// <summary>Runs branches side by side; the first that succeeds wins, and the others are given up: their steps stopped, their children cancelled.</summary>
    /// <param name="branches">Each gets verbs of its own, whose names are apart from those of the others.</param>
    public async Task<T> Race<T>(string name, params Func<WorkflowContext, Task<T>>[] branches)
    {
        ArgumentNullException.ThrowIfNull(branches);
        var place = _flow.Place(_branch.Prefix + name);
        return await RaceAsync([.. branches.Select((_, number) => Apart($"{place}[{number + 1}]/"))], branches);
    }

    /// <summary>A race whose branches use names that are apart by themselves.</summary>
    internal Task<T> Race<T>(IReadOnlyList<Func<WorkflowContext, Task<T>>> branches) => RaceAsync([.. branches.Select(_ => Apart(_branch.Prefix))], branches);

    private async Task<T> RaceAsync<T>(IReadOnlyList<WorkflowContext> runners, IReadOnlyList<Func<WorkflowContext, Task<T>>> branches)
    {
        try
        {
            return await Any(runners.Select((runner, number) => branches[number](runner)));
        }
        finally
        {
            foreach (var runner in runners) _flow.GiveUp(runner._branch);
        }
    }

    /// <summary>Does the same for each, some of them at once; the results are in the order of the items. The first failure gives the others up.</summary>
    /// <param name="work">Gets the item and verbs of its own.</param>
    /// <param name="concurrency">How many at once, 1 or more.</param>
    public async Task<IReadOnlyList<TResult>> Each<T, TResult>(string name, IEnumerable<T> items, Func<T, WorkflowContext, Task<TResult>> work, int concurrency = 8)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentOutOfRangeException.ThrowIfLessThan(concurrency, 1);
        var place = _flow.Place(_branch.Prefix + name);
        var all = items.ToList();
        var results = new TResult[all.Count];
        var branches = new List<Branch>();
        var next = 0;
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Math.Min(concurrency, all.Count)).Select(_ => RunnerAsync()));
            return results;
        }
        finally
        {
            foreach (var branch in branches.Where(branch => !branch.IsGivenUp)) _flow.GiveUp(branch);
        }

        async Task RunnerAsync()
        {
            while (next < all.Count && !_branch.IsGivenUp)
            {
                var number = next++;
                var runner = Apart($"{place}[{number + 1}]/");
                branches.Add(runner._branch);
                try
                {
                    results[number] = await work(all[number], runner);
                }
                catch
                {
                    next = all.Count;
                    foreach (var branch in branches.Where(branch => !branch.IsGivenUp)) _flow.GiveUp(branch);
                    throw;
                }
            }
        }
    }

    /// <summary>A model of the feature file whose answers are kept: what was paid is not paid again. Limits, costs, disclosure and the data rule hold.</summary>
    public IChatClient Model(string name) => new JournaledChatClient(this, name, () => _around.Models(name, _attempt));

    /// <summary>If the workflow fails for good, this is done as a step; what was given last is undone first.</summary>
    public void OnFailure(string name, Func<CancellationToken, Task> undo)
    {
        ArgumentNullException.ThrowIfNull(undo);
        _flow.CheckName(name);
        _flow.Undo.Push((_branch.Prefix, name, undo));
    }

    /// <summary>Whether this run knows a change of the code: true for workflows that come here for the first time, false for those that went by before it was made.</summary>
    /// <param name="change">A name that is never used for another change.</param>
    public bool Patched(string change) => _flow.Knows(change);

    /// <summary>Tells whoever watches the job how far it is.</summary>
    public void Progress(long done, long? total = null, string? note = null)
    {
        if (!_flow.IsReplaying) _flow.Tell(() => _attempt.Output.ProgressAsync(done, total, note, CancellationToken.None).AsTask());
    }

    /// <summary>Shows something beside the answer to whoever reads the job's events, once, however often the code is run again. When its node dies, readers are told `restart` and all pieces come again.</summary>
    public void Emit(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (_flow.TryEmit()) _flow.Tell(() => _attempt.Output.BesideAsync(text, default, CancellationToken.None).AsTask());
    }

    /// <summary>The same of a value, as JSON.</summary>
    public void Emit<T>(T value)
    {
        var json = Write("emit", value);
        if (_flow.TryEmit()) _flow.Tell(() => _attempt.Output.BesideAsync(null, json, CancellationToken.None).AsTask());
    }

    /// <summary>
    /// Ends this run, and lets the job go on as a new one with another input and an empty journal: `throw flow.ContinueAsNew(next)`. For work without an end, whose
    /// journal would grow without one. Signals that were not asked for wait for the new run; children that were called and not awaited are cancelled; what was to be undone is not.
    /// </summary>
    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = Verb)]
    public WorkflowContinuesException ContinueAsNew(object? input) => new(Write("continue as new", input));

    private WorkflowContext Apart(string prefix) => new(_flow, new Branch(prefix, _branch), _attempt, _around, Logger);

    private Task<T> Awaited<T>(string name, EntryKind kind, TimeSpan? timeout, Func<JournalEntry, T> read, byte[]? question = null) => _flow.Ask(_branch, name, kind, key => new Operation<T>(read)
    {
        Key = key,
        Kind = kind,
        Branch = _branch,
        Due = timeout is { } time ? _flow.Now + (long)time.TotalMilliseconds : null,
        Question = question,
    });

    private Operation<T> Child<T>(StepKey key, EntryKind kind, string feature, object? input, Func<JournalEntry, T> read)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(input, input?.GetType() ?? typeof(object), CodeJson.Options);
        return new Operation<T>(read)
        {
            Key = key,
            Kind = kind,
            Branch = _branch,
            Called = new ChildCall(feature, json),
            Fingerprint = SHA256.HashData(json)[..16],
        };
    }

    private static byte[] Write<T>(string name, T result)
    {
        byte[] json;
        try
        {
            json = JsonSerializer.SerializeToUtf8Bytes(result, CodeJson.Options);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new WorkflowFailedException("step-result-unserialisable", $"The result of step {name} ({typeof(T).Name}) cannot be kept as JSON: {error.Message} Return a record of plain values.");
        }
        return json.Length <= ResultSize.Largest ? json : throw new WorkflowFailedException("step-result-too-large", $"The result of step {name} has {json.Length / (1024 * 1024)} MiB, and the journal takes {ResultSize.Largest / (1024 * 1024)}. Keep it elsewhere and return a reference.");
    }

    private static T Read<T>(JournalEntry entry) => JsonSerializer.Deserialize<T>(entry.Body.Span, CodeJson.Options)!;

    // Who sent it chose what it is: nothing is a value only where the code takes it for one.
    private static T ReadSent<T>(JournalEntry entry) => JsonSerializer.Deserialize<T>(entry.Body.Span, CodeJson.Options) is { } sent ? sent
        : default(T) is null && Nullable.GetUnderlyingType(typeof(T)) is not null ? default! : throw new JsonException("nothing was sent with it.");

    private static JsonElement ReadAny(JournalEntry entry)
    {
        var answer = JsonSerializer.Deserialize<ChildAnswer>(entry.Body.Span, CodeJson.Options)!;
        return answer.Prose is { } prose ? JsonSerializer.SerializeToElement(prose) : answer.Json ?? JsonSerializer.SerializeToElement<object?>(null);
    }

    // An answer of a child is JSON or prose.
    private static T ReadAnswer<T>(JournalEntry entry)
    {
        var answer = JsonSerializer.Deserialize<ChildAnswer>(entry.Body.Span, CodeJson.Options)!;
        if (answer.Prose is not { } prose) return answer.Json is { } json ? json.Deserialize<T>(CodeJson.Options)! : JsonSerializer.Deserialize<T>("null", CodeJson.Options)!;
        return prose is T text ? text : throw new JsonException("it is prose, not JSON.");
    }
}
