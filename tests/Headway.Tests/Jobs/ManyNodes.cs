using System.Text;
using Headway.Access;
using Headway.Handlers;
using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;
using Headway.Payloads;
using Headway.Storage;
using Headway.Tests.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Tests.Jobs;

/// <summary>Real engines on one database of a real PostgreSQL server, each as if it were a process of its own.</summary>
internal sealed class ManyNodes : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headway-nodes-").FullName;
    private static readonly string Key = Convert.ToBase64String(new byte[32]);

    private readonly string _features;
    private readonly List<OneNode> _nodes = [];

    /// <param name="features">The feature file of all of them.</param>
    /// <param name="files">Prompts beside it, by their path.</param>
    public ManyNodes(string features, IReadOnlyDictionary<string, string>? files = null)
    {
        _features = Path.Combine(_folder, "headway.yaml");
        File.WriteAllText(_features, features);
        foreach (var (path, text) in files ?? new Dictionary<string, string>()) File.WriteAllText(Path.Combine(_folder, path), text);
    }

    public string Address { get; } = PostgresCluster.Shared.NewDatabase();

    public async Task<OneNode> StartAsync(Action<CodeHandlers>? code = null, NodeDuty? duty = null, TimeSpan? lease = null, string? address = null)
    {
        var node = new OneNode();
        var handlers = new CodeHandlers();
        code?.Invoke(handlers);
        lock (_nodes) _nodes.Add(node);
        node.Engine = await Engine.StartAsync(
            new EngineOptions
            {
                File = _features,
                Database = address ?? Address,
                Code = handlers,
                Duty = duty ?? NodeDuty.Both,
                Lease = lease ?? TimeSpan.FromSeconds(30),
                Random = new Random(_nodes.Count),
                // All of them are given it: a key file that is made at the first start is one node's.
                Environment = name => name == MasterKey.Variable ? Key : null,
                DrainWithin = TimeSpan.FromMilliseconds(200),
                Logs = LoggerFactory.Create(logs => logs.AddProvider(node.Log)),
                Fault = node.OnCommit,
            },
            CancellationToken.None);
        return node;
    }

    /// <summary>The number that a statement gives.</summary>
    public Task<long> NumberAsync(string sql) => _nodes[^1].Engine.Database.ReadAsync(async session =>
    {
        using var read = session.Prepare(sql);
        await read.StepAsync();
        return read.Int64(0);
    }).AsTask();

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>One of them.</summary>
internal sealed class OneNode : IAsyncDisposable
{
    private volatile bool _dead;
    private bool _stopped;

    public Engine Engine { get; set; } = null!;

    public LogLines Log { get; } = new();

    /// <summary>What goes wrong at a boundary of a commit; named as in <see cref="EngineOptions.Fault"/>.</summary>
    public Action<string>? Fault { get; set; }

    /// <summary>From now on nothing that it writes is kept: for the others it is dead, whatever goes on in it.</summary>
    public void Die() => _dead = true;

    public void OnCommit(string boundary)
    {
        if (_dead && boundary.EndsWith(":before-commit", StringComparison.Ordinal)) throw new StorageException("storage-unavailable", "This node is dead.");
        Fault?.Invoke(boundary);
    }

    /// <summary>Until it hears what others announce.</summary>
    public async Task HearsAsync()
    {
        while (Engine.Database.LookAfter < TimeSpan.FromSeconds(1)) await Engine.Database.ReadAsync(_ => ValueTask.FromResult(0));
    }

    /// <summary>The number that a statement gives, for those who cannot await it.</summary>
    public long Number(string sql) => Engine.Database.Read(async session =>
    {
        using var read = session.Prepare(sql);
        await read.StepAsync();
        return read.Int64(0);
    });

    public Call Call(string feature, string json = "{}") => new()
    {
        Feature = Engine.Features.Features[feature].Latest,
        Caller = Caller.Local,
        Input = new JobInput { MediaType = Result.Json, Json = Encoding.UTF8.GetBytes(json) },
    };

    public Task<Answer> CallAsync(string feature, string json = "{}") => Engine.CallAsync(Call(feature, json), CancellationToken.None);

    public async Task<Job> AcceptedAsync(string feature, string json = "{}") => (await CallAsync(feature, json)).ShouldBeOfType<Answer.Accepted>().Job;

    public async Task<Job> EndOfAsync(JobId id) =>
        await Engine.WaitAsync(Caller.Local, id, TimeSpan.FromSeconds(30), CancellationToken.None) is { IsFinished: true } job ? job : throw new TimeoutException($"{id} did not end.");

    /// <summary>Events as they come, of a job that any node runs.</summary>
    public IAsyncEnumerable<JobEvent> EventsOf(JobId id, long? after = null) => Engine.Events(Caller.Local, id, after, CancellationToken.None)!;

    /// <summary>As a deploy does it: what runs is handed back.</summary>
    public async ValueTask DisposeAsync()
    {
        // One that could not start has none.
        if (_stopped || Engine is null) return;
        (_stopped, _dead) = (true, false);
        await Engine.DisposeAsync();
    }
}
