using System.Text;
using System.Threading.Channels;
using Headway.Access;
using Headway.Delivery;
using Headway.Delivery.Sending;
using Headway.Features;
using Headway.Handlers;
using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Tests.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Tests.Delivery;

/// <summary>An engine that tells endpoints, and tells its test of each try that was marked.</summary>
internal sealed class TellingNode : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headway-telling-").FullName;
    private readonly Channel<string> _marked = Channel.CreateBounded<string>(10_000);
    private EngineOptions _options = null!;

    public Engine Engine { get; private set; } = null!;

    public LogLines Log { get; } = new();

    /// <summary>What goes wrong at a boundary of a commit.</summary>
    public Action<string>? Fault { get; set; }

    /// <param name="time">Its duties go on by the system's clock in any case.</param>
    public static async Task<TellingNode> StartAsync(string features, Action<CodeHandlers> code, TimeProvider? time = null, Resolve? resolve = null, string? address = null)
    {
        var node = new TellingNode();
        var handlers = new CodeHandlers();
        code(handlers);
        var file = Path.Combine(node._folder, "headway.yaml");
        await File.WriteAllTextAsync(file, features);
        node._options = new EngineOptions
        {
            File = file,
            Database = address ?? TestDatabase.At(Path.Combine(node._folder, "headway.db")),
            Code = handlers,
            Time = time ?? TimeProvider.System,
            Beats = TimeProvider.System,
            Random = new Random(1),
            Environment = _ => null,
            Resolve = resolve,
            DrainWithin = TimeSpan.FromMilliseconds(200),
            Logs = LoggerFactory.Create(logs => logs.AddProvider(node.Log)),
            Fault = node.OnCommit,
        };
        node.Engine = await Engine.StartAsync(node._options, CancellationToken.None);
        return node;
    }

    private void OnCommit(string boundary)
    {
        Fault?.Invoke(boundary);
        if (boundary == "MarkDelivery:after-commit") _marked.Writer.TryWrite(boundary);
    }

    /// <summary>Until one more try is marked.</summary>
    public async Task MarkedAsync(int tries = 1)
    {
        for (var i = 0; i < tries; i++) await _marked.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
    }

    public Call Call(string feature, string json = "{}") => new()
    {
        Feature = Engine.Features.Features[feature].Latest,
        Caller = Caller.Local,
        Input = new JobInput { MediaType = Result.Json, Json = Encoding.UTF8.GetBytes(json) },
        PreferAsync = true,
    };

    public async Task<JobId> AcceptedAsync(Call call) => (await Engine.CallAsync(call, CancellationToken.None)) switch
    {
        Answer.Accepted accepted => accepted.Job.Id,
        Answer.Done done => done.Job.Id,
        var other => throw new InvalidOperationException($"{other}"),
    };

    public async Task<Job> EndOfAsync(JobId id) =>
        await Engine.WaitAsync(Caller.Local, id, TimeSpan.FromSeconds(30), CancellationToken.None) is { IsFinished: true } job ? job : throw new TimeoutException($"{id} did not end.");

    public async Task<IReadOnlyList<DeliveryRecord>> DeliveriesAsync(JobId id) => (await Engine.Endpoints.OfJobAsync(Caller.Local, id))!;

    public async Task<EndpointStatus> EndpointAsync(string name) => (await Engine.Endpoints.ListAsync(Caller.Local)).Single(endpoint => endpoint.Name == name);

    public async Task<AuditEntry[]> ToldAsync(JobId id, string action) => [.. (await Engine.AuditAsync(Caller.Local, id)).Where(entry => entry.Action == action && entry.Purpose == "webhook")];

    /// <summary>Ends when the change is in force.</summary>
    public async Task ReloadAsync(string features)
    {
        var told = new TaskCompletionSource<Reload>(TaskCreationOptions.RunContinuationsAsynchronously);
        Engine.Catalog.Reloaded += reload => told.TrySetResult(reload);
        await File.WriteAllTextAsync(_options.File, features);
        (await told.Task.WaitAsync(TimeSpan.FromSeconds(20))).Taken.ShouldBeTrue();
    }

    /// <summary>Stops it and starts it again on the same data.</summary>
    public async Task RestartAsync()
    {
        await Engine.DisposeAsync();
        Engine = await Engine.StartAsync(_options, CancellationToken.None);
    }

    /// <summary>The number that a statement gives.</summary>
    public long Number(string sql) => Engine.Database.Read(async session =>
    {
        using var read = session.Prepare(sql);
        await read.StepAsync();
        return read.Int64(0);
    });

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
