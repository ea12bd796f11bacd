using System.Text;
using System.Text.Json;
using Headway.Access;
using Headway.Handlers;
using Headway.Handlers.Code;
using Headway.Jobs.Accepting;

namespace Headway.Testing;

/// <summary>
/// Runs a workflow on the real engine and a real database file, in virtual time: the clock stands still until it is moved, so that days of waiting take
/// milliseconds. Steps can be made to fail, and the node to die around each thing that is journaled.
/// </summary>
public sealed class WorkflowTestHost : IAsyncDisposable
{
    private readonly string _feature;
    private readonly Deaths _deaths = new();
    private readonly List<Task> _burials = [];
    private Task<TestNode> _node = null!;
    private int _jobs;

    private WorkflowTestHost(WorkflowTestSetup setup, string feature)
    {
        (Setup, _feature) = (setup, feature);
        Time = new HostTime(() => Current?.Time ?? (TimeProvider)new VirtualTime(setup.Start));
        Services = new TestServices(setup.OwnServices, setup.Services, Time);
        Clockwork = new Clockwork(this);
    }

    /// <summary>The clock of the test, for services that need one. A workflow that asks for a `TimeProvider` is given it.</summary>
    public TimeProvider Time { get; }

    /// <summary>The virtual time now.</summary>
    public DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>How often the node has died.</summary>
    public int Crashes => _deaths.Count;

    /// <summary>What touched the world, in the order in which it was begun and as often as it was: `step charge`, `feature assess-clause "text"`, `model strong …`.</summary>
    public IReadOnlyList<string> Worked => Work.Begun;

    internal WorkflowTestSetup Setup { get; }

    internal Clockwork Clockwork { get; }

    internal WorkDone Work { get; } = new();

    internal IServiceProvider Services { get; }

    /// <summary>What was committed, by the names of its boundaries.</summary>
    internal IReadOnlyList<string> Boundaries => _deaths.Boundaries;

    // The node that lives, or died last while the next one starts; null: none was there yet.
    private TestNode? Current { get; set; }

    /// <summary>Starts a node that serves the workflow.</summary>
    /// <typeparam name="TWorkflow">A <see cref="Workflow{TIn, TOut}"/>. It is made with the services of the setup.</typeparam>
    /// <param name="setup">Says what is around it: the features it calls, models, services.</param>
    /// <exception cref="WorkflowTestException">The node cannot start: what is wrong, with its cure.</exception>
    public static async Task<WorkflowTestHost> StartAsync<TWorkflow>(Action<WorkflowTestSetup>? setup = null) where TWorkflow : class
    {
        var chosen = new WorkflowTestSetup();
        setup?.Invoke(chosen);
        var feature = chosen.Name ?? FeatureNames.Of<TWorkflow>();
        chosen.Workflow<TWorkflow>(feature);
        var host = new WorkflowTestHost(chosen, feature);
        var folder = Directory.CreateTempSubdirectory("headway-test-").FullName;
        try
        {
            if (chosen.FeatureFile is null) await File.WriteAllTextAsync(Path.Combine(folder, "headway.yaml"), FeatureNames.FileOf(chosen.Features)).ConfigureAwait(false);
            host._node = Task.FromResult(await host.LiveAsync(folder, chosen.Start).ConfigureAwait(false));
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
        return host;
    }

    /// <summary>Runs a test once without a crash and then once for each boundary of each thing that is journaled, with the node dying there, and compares what came out and what touched the world.</summary>
    /// <param name="setup">Called for each run anew: what it makes is each run's own.</param>
    /// <param name="test">Submits, signals, advances, and gives what has to be the same in the end: a result, and what services have seen.</param>
    /// <returns>The boundaries at which the node died, in order: `before step charge`, `after step charge`, …</returns>
    /// <exception cref="WorkflowTestException">A crash changes what comes out or what is done: where, what was expected and what was found.</exception>
    public static Task<IReadOnlyList<string>> EveryCrashAsync<TWorkflow>(Action<WorkflowTestSetup>? setup, Func<WorkflowTestHost, Task<object?>> test) where TWorkflow : class =>
        EveryCrash.CheckAsync<TWorkflow>(setup, test);

    /// <summary>Submits a job of the workflow.</summary>
    /// <exception cref="WorkflowTestException">It was refused: with code and words.</exception>
    public async Task<WorkflowTestJob> SubmitAsync(object? input, string? subject = null)
    {
        // Ids of one test are the same each time it is run: what a workflow draws by chance is made of them.
        var id = new JobId(Guid.Parse($"{Setup.Start.ToUnixTimeMilliseconds():x12}70008000{Interlocked.Increment(ref _jobs):x12}"));
        var json = JsonSerializer.SerializeToUtf8Bytes(input, input?.GetType() ?? typeof(object), CodeJson.Options);
        while (true)
        {
            var node = await NodeAsync().ConfigureAwait(false);
            if (!node.Engine.Features.Features.TryGetValue(_feature, out var feature)) throw new WorkflowTestException($"The feature file has no feature {_feature}. Set Name of the setup to its name.");
            var call = new Call { Feature = feature.Latest, Caller = Caller.Local, Input = new JobInput { MediaType = Result.Json, Json = json }, Job = id, Subject = subject, TakesNoResult = true };
            var answer = await node.Engine.CallAsync(call, CancellationToken.None).ConfigureAwait(false);
            // Accepted by the dead is not accepted, unless it was on disk.
            if (node.IsDead && await (await NodeAsync().ConfigureAwait(false)).Engine.FindAsync(Caller.Local, id).ConfigureAwait(false) is null) continue;
            if (answer is Answer.Refused refused && !node.IsDead) throw new WorkflowTestException($"The job was refused: {refused.Refusal.Code}: {refused.Refusal.Message}");
            return new WorkflowTestJob(this, id);
        }
    }

    /// <summary>Moves the clock, stopping wherever something is due on the way, and waits there until all that follows has been done.</summary>
    public Task AdvanceAsync(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        return Clockwork.AdvanceAsync(by);
    }

    /// <summary>Waits until nothing runs any more: all jobs have ended, or wait for somebody or for the clock, which is not moved.</summary>
    /// <exception cref="WorkflowTestException">Something still runs when the patience of the setup is over.</exception>
    public Task RestAsync() => Clockwork.RestAsync();

    /// <summary>Fails the next tries of a step before its work is begun.</summary>
    /// <param name="step">Its name; of one in a branch, with or without the branch.</param>
    public void FailStep(string step, int times = 1, Func<Exception>? error = null) =>
        Work.Fail(step, times, error ?? (() => new InvalidOperationException($"The test fails the step {step}.")));

    /// <summary>The node dies when it is about to journal this, which is lost: the next one asks for it again.</summary>
    /// <param name="name">Of a step, a signal, a delay, a child or whatever else is journaled.</param>
    /// <param name="occurrence">1: the first of the name.</param>
    public void CrashBefore(string name, int occurrence = 1) => _deaths.PlanAt(Deaths.Journaled(name, occurrence, "before-commit"));

    /// <summary>The node dies when this is on disk and the workflow has not learned of it yet.</summary>
    /// <inheritdoc cref="CrashBefore(string, int)"/>
    public void CrashAfter(string name, int occurrence = 1) => _deaths.PlanAt(Deaths.Journaled(name, occurrence, "after-commit"));

    /// <summary>The node dies now, without draining; the next one opens what is on disk.</summary>
    public async Task CrashAsync()
    {
        var node = await NodeAsync().ConfigureAwait(false);
        _deaths.PlanAt(point => point == $"{nameof(Nudge)}:before-commit");
        await node.Engine.Database.WriteAsync(new Nudge()).ConfigureAwait(false);
        await NodeAsync().ConfigureAwait(false);
    }

    internal void CrashAt(string boundary) => _deaths.PlanAt(point => point == boundary);

    /// <summary>The node that lives.</summary>
    internal Task<TestNode> NodeAsync()
    {
        lock (_deaths) return _node;
    }

    internal async Task<T> OnNodeAsync<T>(Func<TestNode, Task<T>> act)
    {
        while (true)
        {
            var node = await NodeAsync().ConfigureAwait(false);
            var done = await act(node).ConfigureAwait(false);
            if (!node.IsDead) return done;
        }
    }

    private async Task<TestNode> LiveAsync(string folder, DateTimeOffset now)
    {
        var node = await TestNode.StartAsync(this, folder, now, _deaths.IsAt, next => Succeed(next)).ConfigureAwait(false);
        Current = node;
        return node;
    }

    // On the writer's thread of the one that dies, which must not wait.
    private void Succeed(string folder)
    {
        lock (_deaths)
        {
            var dead = _node;
            _node = Task.Run(async () =>
            {
                var died = await dead.ConfigureAwait(false);
                lock (_burials) _burials.Add(Task.Run(() => died.DisposeAsync().AsTask()));
                return await LiveAsync(folder, died.Time.GetUtcNow()).ConfigureAwait(false);
            });
        }
    }

    /// <summary>Stops the node and removes its files.</summary>
    public async ValueTask DisposeAsync()
    {
        _deaths.Stop();
        await (await NodeAsync().ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        Task[] burials;
        lock (_burials) burials = [.. _burials];
        await Task.WhenAll(burials).ConfigureAwait(false);
    }

    // A write that changes nothing, to die at.
    private sealed class Nudge : Storage.Write<bool>
    {
        protected override ValueTask<bool> ApplyAsync(Storage.Session session) => ValueTask.FromResult(true);
    }
}

/// <summary>What features of a test are called.</summary>
internal static class FeatureNames
{
    /// <summary>`ContractReview` is `contract-review`.</summary>
    public static string Of<T>()
    {
        var name = new StringBuilder();
        foreach (var letter in typeof(T).Name)
        {
            if (char.IsUpper(letter) && name.Length > 0) name.Append('-');
            name.Append(char.ToLowerInvariant(letter));
        }
        return name.ToString();
    }

    public static string FileOf(IEnumerable<string> features) =>
        $"features:\n{string.Concat(features.Select(feature => $"  {feature}: {{ contract: {{ mode: async, caller: leaves, deliverWithin: 30d }}, handler: code }}\n"))}";
}
