using Headway.Budgets;
using Headway.Caching;
using Headway.Features;
using Headway.Handlers;
using Headway.Handlers.Prompt;
using Headway.Handlers.Prompt.Tools;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;
using Headway.Jobs.Upkeep;
using Headway.Models;
using Headway.Models.Limits;
using Headway.Payloads;
using Headway.Payloads.Files;
using Headway.Storage;
using Headway.Streams;
using Microsoft.Extensions.Logging;

namespace Headway;

/// <summary>The rooms of a node and how they hang together: the one place that knows them all.</summary>
internal sealed class EngineRooms : IAsyncDisposable
{
    // Longer than a handler's grace to stop.
    private static readonly TimeSpan HandBackWithin = TimeSpan.FromSeconds(10);

    private readonly EngineOptions _options;
    private readonly ILogger<Engine> _logger;
    private readonly ModelCatalog _models;
    private readonly ToolServers _tools;
    private readonly HandlerFactory _handlers;
    private readonly Versions _versions;
    private readonly Pools _pools = new();
    private readonly RunningJobs _running = new();
    private readonly Finished _finished = new();
    private readonly LiveOutputs _outputs = new();
    private readonly LogFlusher _flusher;
    private readonly NodeLease _lease;
    private readonly Claimer _claimer;
    private readonly LeaseRescuer _rescuer;
    private readonly DutyLoop _duties;
    private readonly FeatureFileWatcher _watcher;
    private readonly CancellationTokenSource _stop = new();
    private Task _watching = Task.CompletedTask;
    private bool _started;

    private EngineRooms(EngineOptions options, FeatureFileReading reading, Database database, Vault vault)
    {
        (_options, Database) = (options, database);
        Catalog = new FeatureCatalog(reading.File!);
        var (time, logs) = (options.Time, options.Logs);
        // Jitter is no secret and need not be repeatable in production; tests give their own.
        var random = new SharedRandom(options.Random ?? new Random(BitConverter.ToInt32(System.Security.Cryptography.RandomNumberGenerator.GetBytes(4))));
        _logger = logs.CreateLogger<Engine>();
        var files = new FilePayloads(database, vault);
        Files = new InputFiles(files, vault);
        KeptFiles = new KeptFiles(database, vault, files, () => _lease!.Node, logs.CreateLogger<KeptFiles>());
        _models = new ModelCatalog(() => Catalog.Current.Models, time, random, logs)
        {
            Gates = new ModelGates(database, () => _lease!.Number, name => Catalog.Current.Models.GetValueOrDefault(name)?.Limits),
        };
        _tools = new ToolServers(() => Catalog.Current.ToolServers, time);
        _handlers = new HandlerFactory(time)
        {
            Code = options.Code,
            Prompts = version => PromptHandlers.For(version, _models, _tools),
            Models = (name, attempt) => PromptHandlers.ClientFor(name, attempt, _models),
            Current = version => Catalog.Current.Features.GetValueOrDefault(version.Feature)?.Versions.FirstOrDefault(now => now.Number == version.Number),
            Logs = logs,
        };
        _versions = new Versions(database);
        _flusher = new LogFlusher(time);
        _lease = new NodeLease(database, _running, options.Lease);
        Jobs = new JobReader(database, vault, _versions, new Forecast(database, _pools, _running));
        Waiter = new JobWaiter(database, Jobs, _finished);
        Results = new Results(database, vault, Jobs, _lease);
        Events = new JobEvents(database, vault, Jobs, _outputs, Results);
        History = new History(database, Jobs);
        var ends = new AttemptEnds(database, _outputs, _finished, _lease, logs.CreateLogger<AttemptEnds>());
        var budgets = new BudgetsInForce(database, () => Catalog.Current);
        Spending = new Spending(database, budgets);
        var cache = new AnswerCache(database, vault, () => Catalog.Current);
        var runner = new JobRunner(database, _handlers, _outputs, _flusher, _running, _finished, _lease, ends, new SharedWork(database, cache), budgets, random, logs.CreateLogger<JobRunner>());
        var reader = new WorkReader(database, _versions, vault, files);
        _claimer = new Claimer(database, _pools, _lease, reader, runner, ends, _running, logs.CreateLogger<Claimer>());
        var preparation = new Preparation(database, _versions, vault, new Reservations(budgets, () => Catalog.Current));
        var repeats = new Repeats(database, Jobs, Waiter, Results);
        var records = new CallRecords(database, ends, _running, logs.CreateLogger<CallRecords>());
        var again = new AnswersAgain(database, vault, cache, records, repeats, _lease);
        Sync = new SyncCalls(database, preparation, _handlers, _pools, _running, _finished, _lease, ends, records, repeats, new CachedCalls(database, again, records, _lease), cache, budgets, logs.CreateLogger<SyncCalls>());
        Stream = new StreamCalls(database, preparation, _pools, _lease, runner, ends, _outputs, _running, repeats, again, logs.CreateLogger<StreamCalls>());
        Queued = new QueuedCalls(database, preparation, _pools, _lease, _claimer, runner, ends, Waiter, Results, repeats, again, logs.CreateLogger<QueuedCalls>());
        Refusals = new RefusalLog(database, _versions, vault, _lease);
        Requests = new Requests(database, vault, Jobs, _versions, Results, _lease);
        Operators = new Operators(database, Jobs, _versions, _running, _outputs, _finished, _claimer, _lease);
        _rescuer = new LeaseRescuer(database, _lease, _claimer, _outputs, _finished, logs.CreateLogger<LeaseRescuer>());
        _duties = new DutyLoop(
            [
                new LeaseRenewer(_lease),
                _rescuer,
                new DueJobPromoter(database, _claimer),
                new DeadlineExpirer(database, _outputs, _finished, logs.CreateLogger<DeadlineExpirer>()),
                new HistoryPruner(database, logs.CreateLogger<HistoryPruner>()),
                new BudgetSettler(database),
                new OrphanRemover(new OrphanPruner(database)),
                new KeptFileRemover(new KeptFilePruner(database, files)),
                new RefusalTeller(Refusals),
            ],
            time, random, logs.CreateLogger<DutyLoop>());
        _watcher = new FeatureFileWatcher(Catalog, reading, () => Read(options), Unservable, time, logs.CreateLogger<FeatureFileWatcher>());
    }

    public FeatureCatalog Catalog { get; }
    public Database Database { get; }
    public InputFiles Files { get; }
    public KeptFiles KeptFiles { get; }
    public JobReader Jobs { get; }
    public JobWaiter Waiter { get; }
    public Results Results { get; }
    public JobEvents Events { get; }
    public History History { get; }
    public Spending Spending { get; }
    public Operators Operators { get; }
    public Requests Requests { get; }
    public SyncCalls Sync { get; }
    public StreamCalls Stream { get; }
    public QueuedCalls Queued { get; }
    public RefusalLog Refusals { get; }

    /// <exception cref="StartupException">With every problem that was found.</exception>
    public static async Task<EngineRooms> BuildAsync(EngineOptions options)
    {
        var reading = Read(options);
        if (reading.File is not { } file) throw new StartupException([.. reading.Findings.Select(finding => finding.ToString())]);
        var logger = options.Logs.CreateLogger<Database>();
        Database? database = null;
        try
        {
            var address = options.Database ?? file.Server.Database ?? "sqlite:" + Path.Combine(Path.GetDirectoryName(Path.GetFullPath(options.File))!, "headway.db");
            database = Database.Open(address, options.Time, logger, options.Fault);
            var keyFile = MasterKeySource.Beside(Database.FileOf(address));
            var key = new MasterKeySource(options.Environment(MasterKey.Variable) ?? file.Server.MasterKey, keyFile, options.MayMakeMasterKey);
            var vault = await Vault.OpenAsync(database, key, logger).ConfigureAwait(false);
            return new EngineRooms(options, reading, database, vault);
        }
        catch (Exception error) when (error is StorageException or MasterKeyException)
        {
            if (database is not null) await database.DisposeAsync().ConfigureAwait(false);
            throw new StartupException([error is StorageException storage ? $"{storage.Code}: {storage.Message}" : error.Message]);
        }
    }

    private static FeatureFileReading Read(EngineOptions options) => FeatureFileReader.Read(options.File, options.Environment);

    // What is valid but cannot be had here: code of another host, and parts of a file that this program does not serve.
    private IReadOnlyList<string> Unservable(FeatureFile file) =>
        [.. _handlers.Missing(file), .. file.Unserved.Select(part => $"{part.Value}: {part.Key} is valid, but not served by this version of Headway. Remove it from the file that is served.")];

    public async Task StartAsync(CancellationToken stop)
    {
        var refusals = Unservable(Catalog.Current);
        if (refusals.Count > 0) throw new StartupException(refusals);
        await _lease.TakeAsync().ConfigureAwait(false);
        await _rescuer.RescueAllAsync().ConfigureAwait(false);
        await ServeAsync(Catalog.Current).ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
        Catalog.Reloaded += reload => _ = reload.Taken ? ReloadAsync(Catalog.Current) : Task.CompletedTask;
        _watching = _watcher.RunAsync(_stop.Token);
        _flusher.Start();
        _claimer.Start();
        _duties.Start();
        _started = true;
    }

    private async Task ReloadAsync(FeatureFile file)
    {
        try
        {
            _pools.Resize(file);
            _models.Gates!.Look();
            _tools.Look();
            await ServeAsync(file).ConfigureAwait(false);
        }
        catch (StorageException error)
        {
            _logger.LogError("The new feature file is served, but its versions could not be registered yet: {Cure}", error.Message);
        }
    }

    private async Task ServeAsync(FeatureFile file)
    {
        foreach (var version in file.Features.Values.SelectMany(feature => feature.Background is { } background ? feature.Versions.Append(background) : feature.Versions))
        {
            _claimer.Serve(await _versions.RegisterAsync(version).ConfigureAwait(false));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        await _claimer.DisposeAsync().ConfigureAwait(false);
        if (_started)
        {
            await DrainAsync().ConfigureAwait(false);
            await _duties.DisposeAsync().ConfigureAwait(false);
            await Refusals.CloseAsync().ConfigureAwait(false);
            await GiveUpLimitsAsync().ConfigureAwait(false);
            await GiveUpLeaseAsync().ConfigureAwait(false);
        }
        await _flusher.DisposeAsync().ConfigureAwait(false);
        await Database.DisposeAsync().ConfigureAwait(false);
        _handlers.Dispose();
        await _tools.DisposeAsync().ConfigureAwait(false);
        _models.Dispose();
        _stop.Dispose();
    }

    // A disk that takes nothing must not keep the file locked and the process alive: the lease then runs out by itself.
    private async Task GiveUpLeaseAsync()
    {
        try
        {
            await _lease.EndAsync().ConfigureAwait(false);
        }
        catch (StorageException error)
        {
            _logger.LogWarning("The lease could not be given up, so its jobs wait until it has run out: {Reason}", error.Message);
        }
    }

    // What is not given back counts no more after a minute.
    private async Task GiveUpLimitsAsync()
    {
        try
        {
            await _models.Gates!.SettleAsync().ConfigureAwait(false);
        }
        catch (StorageException error)
        {
            _logger.LogWarning("What was held of the limits of models could not be given back: {Reason}", error.Message);
        }
    }

    // A disk that takes nothing must not keep the node from stopping: what could not be handed back is taken back at the next start.
    private async Task HandedBackAsync(Task empty)
    {
        try
        {
            await empty.WaitAsync(HandBackWithin, _options.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _logger.LogError("{Count} jobs could not be handed back within {Limit}", _running.Count, HandBackWithin);
        }
    }

    private async Task DrainAsync()
    {
        var empty = _running.WhenEmptyAsync();
        try
        {
            await empty.WaitAsync(_options.DrainWithin, _options.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _logger.LogInformation("{Count} jobs still run after {Limit}; they are handed back", _running.Count, _options.DrainWithin);
            _running.StopAll(StopReason.Draining);
            await HandedBackAsync(empty).ConfigureAwait(false);
        }
    }
}
