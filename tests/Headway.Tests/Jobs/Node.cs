using System.Text;
using Headway.Access;
using Headway.Features;
using Headway.Handlers;
using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Tests.Storage;
using Headway.Workflows;
using Microsoft.Extensions.Logging;

namespace Headway.Tests.Jobs;

/// <summary>A real engine on a real database, with its files in a temporary folder, which can be stopped and started again on the same data.</summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headway-").FullName;
    private readonly TimeProvider _time;
    private readonly CodeHandlers _code = new();
    private WorkflowCode _workflows = new();
    private TimeSpan _lease;

    /// <param name="address">A database that others have used; null: one of its own.</param>
    private Node(TimeProvider time, string? address = null)
    {
        _time = time;
        Address = address ?? TestDatabase.At(Path.Combine(_folder, "headway.db"));
    }

    public LogLines Log { get; } = new();

    public Engine Engine { get; private set; } = null!;

    public string Address { get; }

    /// <param name="files">Prompts and schemas beside the feature file, by their path.</param>
    /// <param name="address">A database that was made before; null: one of its own.</param>
    public static async Task<Node> StartAsync(
        string features, Action<CodeHandlers> code, TimeProvider? time = null, TimeSpan? lease = null, IReadOnlyDictionary<string, string>? files = null, string? address = null, Action<WorkflowCode>? workflows = null)
    {
        var node = new Node(time ?? TimeProvider.System, address) { _lease = lease ?? TimeSpan.FromSeconds(30) };
        code(node._code);
        workflows?.Invoke(node._workflows);
        await node.WithAsync(files);
        await File.WriteAllTextAsync(Path.Combine(node._folder, "headway.yaml"), features);
        await node.StartAsync();
        return node;
    }

    private async Task WithAsync(IReadOnlyDictionary<string, string>? files)
    {
        foreach (var (path, text) in files ?? new Dictionary<string, string>())
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, path))!);
            await File.WriteAllTextAsync(Path.Combine(_folder, path), text);
        }
    }

    public async Task StartAsync() => Engine = await Engine.StartAsync(
        new EngineOptions
        {
            File = Path.Combine(_folder, "headway.yaml"),
            Database = Address,
            Code = _code,
            Workflows = _workflows,
            Time = _time,
            Lease = _lease,
            Random = new Random(1),
            Environment = _ => null,
            DrainWithin = TimeSpan.FromMilliseconds(200),
            Logs = LoggerFactory.Create(logs => logs.AddProvider(Log)),
        },
        CancellationToken.None);

    /// <summary>Changes the feature file, or one that it names; ends when the change is in force.</summary>
    public async Task ReloadAsync(string text, string path = "headway.yaml")
    {
        var told = new TaskCompletionSource<Reload>(TaskCreationOptions.RunContinuationsAsynchronously);
        Engine.Catalog.Reloaded += reload => told.TrySetResult(reload);
        await File.WriteAllTextAsync(Path.Combine(_folder, path), text);
        (await told.Task.WaitAsync(TimeSpan.FromSeconds(20))).Taken.ShouldBeTrue();
    }

    /// <summary>The number that a statement gives.</summary>
    public long Number(string sql) => Engine.Database.Read(session =>
    {
        using var read = session.Prepare(sql);
        read.Step();
        return read.Int64(0);
    });

    public async Task RestartAsync()
    {
        await Engine.DisposeAsync();
        await StartAsync();
    }

    /// <summary>Starts again with other workflows: a new version of the program.</summary>
    public async Task RestartAsync(Action<WorkflowCode> workflows)
    {
        await Engine.DisposeAsync();
        workflows(_workflows = new WorkflowCode());
        await StartAsync();
    }

    /// <summary>Starts again with another feature file.</summary>
    public async Task RestartAsync(string features)
    {
        await Engine.DisposeAsync();
        await File.WriteAllTextAsync(Path.Combine(_folder, "headway.yaml"), features);
        await StartAsync();
    }

    /// <summary>A node on what is on disk now, while this one still holds its work: as after `kill -9`. A file is copied, a server's database is shared.</summary>
    /// <param name="code">What the new node can do; null: nothing.</param>
    /// <param name="files">Prompts and schemas beside the feature file, by their path.</param>
    public async Task<Node> AfterKillAsync(Action<CodeHandlers>? code = null, Action<WorkflowCode>? workflows = null, IReadOnlyDictionary<string, string>? files = null)
    {
        var next = new Node(_time, TestDatabase.IsPostgres ? Address : null) { _lease = _lease };
        await next.WithAsync(files);
        code?.Invoke(next._code);
        workflows?.Invoke(next._workflows);
        if (TestDatabase.IsPostgres) await LoseLeaseAsync();
        // The log after the file: a checkpoint in between moves pages into a file that was copied without them, never the other way.
        await Engine.Database.WriteAsync(new Change("SELECT 1"));
        foreach (var file in Directory.GetFiles(_folder).Where(file => Path.GetExtension(file) != ".lock" && !file.EndsWith("-shm", StringComparison.Ordinal)).Order(StringComparer.Ordinal)) File.Copy(file, Path.Combine(next._folder, Path.GetFileName(file)), overwrite: true);
        await next.StartAsync();
        return next;
    }

    // On a server the other node finds this one's lease expired, which the dead do not renew.
    private Task<bool> LoseLeaseAsync() => Engine.Database.WriteAsync(new Change("UPDATE leases SET expires = 0;" + TestDatabase.Refuse("UPDATE", "leases", "OLD.expires = 0")));

    public Call Call(string feature, string json = "{}") => new()
    {
        Feature = Engine.Features.Features[feature].Latest,
        Caller = Caller.Local,
        Input = new JobInput { MediaType = Result.Json, Json = Encoding.UTF8.GetBytes(json) },
    };

    public Task<Answer> CallAsync(string feature, string json = "{}", CancellationToken callerLeft = default) => Engine.CallAsync(Call(feature, json), callerLeft);

    public async Task<Job> AcceptedAsync(Call call) => (await Engine.CallAsync(call, CancellationToken.None)).ShouldBeOfType<Answer.Accepted>().Job;

    public async Task<Job> EndOfAsync(JobId id) =>
        await Engine.WaitAsync(Caller.Local, id, TimeSpan.FromSeconds(20), CancellationToken.None) is { IsFinished: true } job ? job : throw new TimeoutException($"{id} did not end.");

    public async Task<string> ResultOfAsync(JobId id) =>
        Text((await Engine.ResultAsync(Caller.Local, id, CancellationToken.None)).ShouldBeOfType<ResultAnswer.Found>().Result);

    public async Task<string[]> AuditOfAsync(JobId id) => [.. (await Engine.AuditAsync(Caller.Local, id)).Select(entry => entry.Action)];

    /// <summary>As the caller reads them: the answer to its call, or what follows where it broke.</summary>
    public async Task<List<JobEvent>> EventsOfAsync(JobId id, long? after = null)
    {
        var events = new List<JobEvent>();
        await foreach (var entry in (after is null ? Engine.AnswerEvents(Caller.Local, id, CancellationToken.None) : Engine.Events(Caller.Local, id, after, CancellationToken.None))!) events.Add(entry);
        return events;
    }

    public static string Text(Result result) => Encoding.UTF8.GetString(result.Body.Span);

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
