using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Workflows;

namespace Headway.Testing;

/// <summary>One life of a node: a real engine on a real file in a folder of its own. The next life begins with a copy of what was on disk when this one ended.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private const string Database = "headway.db";
    private static readonly Storage.Sql Satisfied = Storage.Sql.At("Jobs/Waiting/FindSatisfied");

    private readonly string _folder;
    private readonly CancellationTokenSource _dies = new();
    private volatile bool _dead;
    private Engine? _engine;

    private int _underWay;

    private TestNode(WorkflowTestHost host, string folder, DateTimeOffset now)
    {
        (Host, _folder, Time) = (host, folder, new VirtualTime(now));
        Dies = _dies.Token;
    }

    public WorkflowTestHost Host { get; }

    public VirtualTime Time { get; }

    /// <summary>Steps, features and models that are under way.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    public Engine Engine => _engine!;

    /// <summary>It has died, as far as anybody can tell: nothing that it still does is seen.</summary>
    public bool IsDead => _dead;

    /// <summary>Cancelled when it dies.</summary>
    public CancellationToken Dies { get; }

    /// <param name="folder">With what is on disk; an empty one for the first life.</param>
    /// <param name="atBoundary">Told of each boundary of a commit, on the writer's thread. True: the node dies there.</param>
    /// <param name="died">Told, on the same thread, of the folder with what was on disk then.</param>
    public static async Task<TestNode> StartAsync(WorkflowTestHost host, string folder, DateTimeOffset now, Func<string, bool> atBoundary, Action<string> died)
    {
        var node = new TestNode(host, folder, now);
        var (code, workflows) = (new CodeHandlers(), new WorkflowCode());
        try
        {
            host.Setup.Map(node, code, workflows);
        }
        catch (InvalidOperationException wrong)
        {
            throw new WorkflowTestException(wrong.Message, wrong);
        }
        var options = new EngineOptions
        {
            File = host.Setup.FeatureFile is { } file ? Path.GetFullPath(file) : Path.Combine(folder, "headway.yaml"),
            Database = $"sqlite:{Path.Combine(folder, Database)}",
            Code = code,
            Workflows = workflows,
            Time = node.Time,
            Beats = new BeatTime(node.Time),
            Random = new Random(1),
            // Its key is beside the file, for each life the same.
            Environment = static name => name == Payloads.MasterKey.Variable ? null : Environment.GetEnvironmentVariable(name),
            DrainWithin = TimeSpan.Zero,
            Logs = host.Setup.Logs,
            AroundStep = (_, step, work, stop) => node.DoAsync($"step {step}", null, alive => host.Work.FailureOf(step) is { } error ? Task.FromException<byte[]>(error) : work(alive), stop),
            Models = name => host.Setup.Models.TryGetValue(name, out var model) ? model(node) : null,
            Fault = boundary =>
            {
                if (!node._dead && atBoundary(boundary)) died(node.Die());
            },
        };
        try
        {
            node._engine = await Engine.StartAsync(options, CancellationToken.None).ConfigureAwait(false);
        }
        catch (StartupException wrong)
        {
            throw new WorkflowTestException($"The node cannot start: {wrong.Message}", wrong);
        }
        return node;
    }

    /// <summary>Does work that touches the world, and notes it; the dead begin nothing.</summary>
    public async Task<T> DoAsync<T>(string what, object? input, Func<CancellationToken, Task<T>> work, CancellationToken stop)
    {
        if (IsDead) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(false);
        using var alive = CancellationTokenSource.CreateLinkedTokenSource(stop, Dies);
        Host.Work.Begin(what, input);
        Interlocked.Increment(ref _underWay);
        try
        {
            return await work(alive.Token).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    /// <summary>How the queue stands: each job's state, when it is due, and why.</summary>
    public IReadOnlyList<(JobState State, DateTimeOffset? Due, string? Why)> Queue() => Engine.Database.Read(async session =>
    {
        var jobs = new List<(JobState, DateTimeOffset?, string?)>();
        using var read = session.Prepare("SELECT state, due, why FROM queue");
        while (await read.StepAsync().ConfigureAwait(false)) jobs.Add(((JobState)read.Int32(0), read.TimeOrNull(1), read.Text(2)));
        return jobs;
    });

    /// <summary>Something is there that is waited for, and whoever waits has not been told yet.</summary>
    public bool HasSatisfied() => Engine.Database.Read(async session =>
    {
        using var find = session.Use(Satisfied).Bind(1, JobId.FromBytes(new byte[16])).Bind(2, 1);
        return await find.StepAsync().ConfigureAwait(false);
    });

    /// <summary>What comes again after the death of a node is due now.</summary>
    public Task HurryCrashedAsync() => Engine.Database.WriteAsync(new HurryCrashed(Time.GetUtcNow().ToUnixTimeMilliseconds()));

    // On the writer's thread, so that nothing is written meanwhile. The log after the file: it is never older than what it is a log of.
    private string Die()
    {
        _dead = true;
        _ = _dies.CancelAsync();
        var next = Directory.CreateTempSubdirectory("headway-test-").FullName;
        foreach (var file in Directory.GetFiles(_folder).Where(file => Path.GetExtension(file) != ".lock" && !file.EndsWith("-shm", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            File.Copy(file, Path.Combine(next, Path.GetFileName(file)));
        return next;
    }

    private sealed class HurryCrashed(long now) : Storage.Write<bool>
    {
        protected override async ValueTask<bool> ApplyAsync(Storage.Session session)
        {
            using var hurry = session.Prepare("UPDATE queue SET due = $1 WHERE state = 0 AND why = 'crash' AND due > $1");
            await hurry.Bind(1, now).StepAsync().ConfigureAwait(false);
            return true;
        }
    }

    /// <summary>Stops it; what waits for its clock is not waited for.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_engine is { } engine)
        {
            _ = _dies.CancelAsync();
            var ended = engine.DisposeAsync().AsTask();
            while (!ended.IsCompleted)
            {
                Time.MoveTo(Time.GetUtcNow() + TimeSpan.FromSeconds(1));
                await Task.WhenAny(ended, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System)).ConfigureAwait(false);
            }
            await ended.ConfigureAwait(false);
        }
        _dies.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
