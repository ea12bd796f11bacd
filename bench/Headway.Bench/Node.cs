using Headway.Access;
using Headway.Bench.Limits;
using Headway.Features;
using Headway.Handlers;
using Headway.Handlers.Code;
using Headway.Jobs.Accepting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Bench;

/// <summary>An engine on a database of its own, with features whose work is nothing.</summary>
internal sealed class Node : IAsyncDisposable
{
    public static readonly byte[] Input = """{"patient":"p-8812","drugs":["warfarin","ibuprofen"],"note":"0123456789"}"""u8.ToArray();

    private readonly string _folder;
    private Engine _engine = null!;
    private long _accepted;

    private Node(string folder) => _folder = folder;

    public Engine Engine => _engine;
    public long Accepted => Volatile.Read(ref _accepted);

    public static async Task<Node> StartAsync(string folder, CodeHandlers code, string features)
    {
        var node = new Node(Directory.CreateDirectory(Path.Combine(folder, Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N"))).FullName);
        var file = Path.Combine(node._folder, "headway.yaml");
        await File.WriteAllTextAsync(file, features);
        node._engine = await Engine.StartAsync(new EngineOptions { File = file, Database = $"sqlite:{node.Database}", Code = code, Logs = NullLoggerFactory.Instance }, CancellationToken.None);
        return node;
    }

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

    /// <summary>Stops the engine and reads its database from outside.</summary>
    public async Task<long> CountAsync(string sql)
    {
        await DisposeAsync();
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
