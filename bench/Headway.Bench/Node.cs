using Headway.Access;
using Headway.Bench.Limits;
using Headway.Features;
using Headway.Handlers;
using Headway.Handlers.Code;
using Headway.Jobs.Accepting;
using Headway.Payloads;
using Headway.Workflows;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Bench;

/// <summary>An engine on a database of its own, with features whose work is nothing.</summary>
internal sealed class Node : IAsyncDisposable
{
    public static readonly byte[] Input = """{"patient":"p-8812","drugs":["warfarin","ibuprofen"],"note":"0123456789"}"""u8.ToArray();

    private readonly string _folder;
    private readonly string? _server;
    private Engine _engine = null!;
    private long _accepted;

    private Node(string folder, string? server) => (_folder, _server) = (folder, server);

    public Engine Engine => _engine;
    public long Accepted => Volatile.Read(ref _accepted);

    /// <param name="server">The address of a database of PostgreSQL; null: a file.</param>
    public static async Task<Node> StartAsync(string folder, CodeHandlers code, string features, string? server = null, WorkflowCode? workflows = null)
    {
        var node = new Node(Directory.CreateDirectory(Path.Combine(folder, Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N"))).FullName, server);
        var file = Path.Combine(node._folder, "headway.yaml");
        await File.WriteAllTextAsync(file, features);
        node._engine = await Engine.StartAsync(new EngineOptions { File = file, Database = server ?? $"sqlite:{node.Database}", Code = code, Workflows = workflows ?? new WorkflowCode(), Environment = Environment, Logs = NullLoggerFactory.Instance }, CancellationToken.None);
        return node;
    }

    // One key for all, so that a database may be opened again from another folder.
    private static string? Environment(string name) => name is MasterKey.Variable ? Convert.ToBase64String(new byte[32]) : System.Environment.GetEnvironmentVariable(name);

    public string Database => Path.Combine(_folder, "headway.db");

    public FeatureVersion Feature(string name) => _engine.Features.Features[name].Latest;

    /// <summary>Returns once the job is durable.</summary>
    public async Task AcceptAsync(FeatureVersion feature)
    {
        var call = new Call { Feature = feature, Caller = Caller.Local, Input = new JobInput { MediaType = Result.Json, Json = Input } };
        var answer = await _engine.CallAsync(call, CancellationToken.None);
        if (answer is not Answer.Accepted) throw new InvalidOperationException($"Not accepted: {answer}");
        Interlocked.Increment(ref _accepted);
    }

    /// <summary>The same of many at once.</summary>
    public async Task AcceptAsync(FeatureVersion feature, int many)
    {
        var call = new Call { Feature = feature, Caller = Caller.Local, Input = new JobInput { MediaType = Result.Json, Json = Input } };
        var verdicts = await _engine.SubmitAsync([.. Enumerable.Repeat(call, many)], CancellationToken.None);
        if (verdicts.FirstOrDefault(verdict => verdict.Job is null) is { Refusal: { } refusal }) throw new InvalidOperationException($"Not accepted: {refusal}");
        Interlocked.Add(ref _accepted, many);
    }

    /// <summary>Stops the engine and reads its database from outside.</summary>
    public async Task<long> CountAsync(string sql)
    {
        await DisposeAsync();
        if (_server is not null) return PostgresLimit.Count(_server, sql);
        using var database = new LimitDatabase(Database, "");
        return database.Count(sql);
    }

    public async ValueTask DisposeAsync()
    {
        if (_engine is null) return;
        await _engine.DisposeAsync();
        _engine = null!;
    }
}
