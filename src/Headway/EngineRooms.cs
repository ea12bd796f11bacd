using Headway.Access;
using Headway.Audit;
using Headway.Budgets;
using Headway.Caching;
using Headway.Delivery;
using Headway.Delivery.Sending;
using Headway.Features;
using Headway.Handlers;
using Headway.Handlers.Prompt.Tools;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Jobs.Upkeep;
using Headway.Jobs.Workers;
using Headway.Models;
using Headway.Models.Limits;
using Headway.Payloads;
using Headway.Payloads.Files;
using Headway.Storage;
using Headway.Streams;
using Headway.Workflows;
using Headway.Workflows.Steps;
using Headway.Workflows.Storage;
using Microsoft.Extensions.Logging;

namespace Headway;

/// <summary>The rooms of a node and how they hang together: the one place that knows them all.</summary>
internal sealed partial class EngineRooms : IAsyncDisposable
{
    // Longer than a handler's grace to stop.
    private static readonly TimeSpan HandBackWithin = TimeSpan.FromSeconds(10);

    private readonly EngineOptions _options;
    private readonly ILogger<Engine> _logger;
    private readonly ModelCatalog _models;
    private readonly ToolServers _tools;
    private readonly HandlerFactory _handlers;
    private readonly Versions _versions;
    private readonly Pools _pools;
    private readonly TenantTerms _tenants;
    private readonly RunningJobs _running = new();
    private readonly WorkerBell _bell = new();
    private readonly PullPools _pulled;
    private readonly Finished _finished = new();
    private readonly LiveOutputs _outputs = new();
    private readonly LogFlusher _flusher;
    private readonly NodeLease _lease;
    private readonly Workforce _workforce;
    private readonly JobNews _news;
    private readonly Claimer _claimer;
    private readonly LeaseRescuer _rescuer;
    private readonly GateOpener _gates;
    private readonly WorkflowHost _workflows;
    private readonly AuditRooms _audit;
    private readonly GuardedConnections _receivers;
    private readonly Deliveries _deliveries;
    private readonly ClaimRescuer _claims;
    private readonly DutyLoop _duties;
    private readonly FeatureFileWatcher _watcher;
    private readonly CancellationTokenSource _stop = new();
    private Task _watching = Task.CompletedTask;
    private bool _started;

    private EngineRooms(EngineOptions options, FeatureFileReading reading, Database database, Vault vault, KeyRing ring)
    {
        (_options, Database) = (options, database);
        Catalog = new FeatureCatalog(reading.File!);
        (_pools, _tenants) = (new Pools(database.IsShared), new TenantTerms(() => Catalog.Current));
        var costs = new AttemptCosts(database, _tenants);
        // One clock for all that is compared with what is stored: the machine's may say something else.
        var (time, logs) = (database.Time, options.Logs);
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
        _handlers = ForHandlers();
        (_versions, _flusher) = (new Versions(database), new LogFlusher(options.Beats ?? time));
        _pulled = new PullPools(database, _versions, () => Catalog.Current);
        _lease = new NodeLease(database, _running, options.Lease);
        _news = new JobNews(database, _outputs, _finished, _running, _bell, () => _claimer!, logs.CreateLogger<JobNews>());
        var forecast = new Forecast(database, _workforce = new Workforce(database, _pools, _lease), _pools, _pulled, _running, _tenants);
        Jobs = new JobReader(database, vault, _versions, forecast);
        (Waiter, Results) = (new JobWaiter(database, Jobs, _finished), new Results(database, vault, Jobs, _lease));
        Events = new JobEvents(database, vault, Jobs, _outputs, _running, _news, Results);
        (Feed, History) = (new JobFeed(database, Jobs, _news, Looks = new JobLooks(database, Jobs, _news), (tenant, subject) => vault.SubjectMac(tenant, subject)), new History(database, Jobs));
        var ends = new AttemptEnds(database, _news, _lease, logs.CreateLogger<AttemptEnds>());
        var budgets = new BudgetsInForce(database, () => Catalog.Current);
        Spending = new Spending(database, budgets);
        var cache = new AnswerCache(database, vault, () => Catalog.Current);
        var retries = new JobRetries(time);
        var runner = new JobRunner(database, _handlers, _outputs, _flusher, _running, _news, _lease, ends, new SharedWork(database, cache), budgets, retries, _tenants, random, logs.CreateLogger<JobRunner>());
        var reader = new WorkReader(database, _versions, vault, files);
        _claimer = new Claimer(database, _pools, _lease, reader, runner, ends, _running, options.Duty, _tenants, costs, _news, logs.CreateLogger<Claimer>());
        Workers = new PullWorkers(database, vault, _versions, reader, cache, _pulled, _bell, _outputs, _news, ends, _lease, budgets, _tenants, costs, retries, () => Catalog.Current, random, logs);
        var preparation = new Preparation(database, _versions, vault, new Reservations(budgets, () => Catalog.Current), _tenants);
        Repeats = new Repeats(database, preparation, Jobs, Waiter, Results);
        var records = new CallRecords(database, ends, _running, logs.CreateLogger<CallRecords>());
        var again = new AnswersAgain(database, vault, cache, records, Repeats, _lease);
        Sync = new SyncCalls(database, preparation, _handlers, _pools, _running, _news, _lease, ends, records, Repeats, new CachedCalls(database, again, records, _lease), cache, budgets, logs.CreateLogger<SyncCalls>());
        Stream = new StreamCalls(database, preparation, _pools, _lease, runner, ends, _outputs, _running, Repeats, again, logs.CreateLogger<StreamCalls>());
        var admission = new Admission(database, _pools, _workforce, forecast, Repeats);
        Queued = new QueuedCalls(database, preparation, _pools, _lease, _claimer, _news, runner, ends, _running, Waiter, Results, Repeats, again, admission, _tenants, costs, logs.CreateLogger<QueuedCalls>());
        Rates = new CallRates(database, _lease, _tenants, Repeats);
        Bulk = new BulkCalls(database, preparation, _pools, _claimer, _news, again, admission, _tenants, Rates, Queued);
        Refusals = new RefusalLog(database, _versions, vault, _lease);
        Access = new AccessDesk(database, ring, EngineDatabase.MacOf(vault), () => Catalog.Current, () => _lease.Node);
        Summaries = new SealedSummaries(vault);
        Oversight = new EngineOversight(database, vault, Jobs, _versions, KeptFiles, _lease, _news, _tenants, _workforce, _pulled, () => Catalog.Current);
        Requests = new Requests(database, vault, Jobs, _versions, Results, _lease);
        Operators = new Operators(database, Jobs, _versions, _running, _news, _lease, _tenants, _pulled, IsWorkflow);
        Replays = new Replays(database, vault, Jobs, _versions, _news, _claimer, _pools, _lease, _tenants, () => Catalog.Current);
        _workflows = ForWorkflows(vault, preparation, ends, random);
        Inputs = new Inputs(database, vault, Jobs, _lease);
        Workflows = new WorkflowRooms(database, vault, Jobs, Results, Inputs, _lease, _tenants, _news, _pools, preparation, _claimer, _workflows.Pins, options.Workflows, IsWorkflow, () => Catalog.Current);
        (_receivers, _deliveries, _claims, Endpoints) = ForEndpoints(vault, random);
        Oversight.AlertWatch = ForAlerts();
        (_rescuer, _gates) = (new LeaseRescuer(database, _lease, _news, logs.CreateLogger<LeaseRescuer>()), new GateOpener(database, _news, _tenants));
        (_audit, Audit) = EngineAudit.For(database, vault, reading.File!.Server.Audit, () => _lease.Node, logs);
        _duties = Duties(vault, files, costs, ends, random);
        _watcher = new FeatureFileWatcher(Catalog, reading, () => Read(options), Unservable, options.Beats ?? time, logs.CreateLogger<FeatureFileWatcher>());
    }

    // A node that has not the code knows one by what it has asked for.
    private bool IsWorkflow(JobRow row)
    {
        try
        {
            return _handlers.Workflows(_versions.Pinned(row.Definition).Version) is not null || StepReader.HasAny(Database, row.Id);
        }
        catch (StorageException error) when (error.Code is "storage-corrupt")
        {
            return StepReader.HasAny(Database, row.Id);
        }
    }

    // What the feature file writes is pinned with each job, and so has no versions beside.
    private WorkflowVersions? WorkOf(FeatureVersion version, WorkflowCode code) =>
        version.Handler is StepsDefinition steps ? WorkflowVersions.Of(version.Feature, new StepsWork(version, steps, _handlers.For)) : code.Find(version.Feature);

    public AccessDesk Access { get; }
    public FeatureCatalog Catalog { get; }
    public Database Database { get; }
    public InputFiles Files { get; }
    public KeptFiles KeptFiles { get; }
    public JobReader Jobs { get; }
    public JobWaiter Waiter { get; }
    public Results Results { get; }
    public JobEvents Events { get; }
    public JobFeed Feed { get; }
    public JobLooks Looks { get; }
    public History History { get; }
    public Spending Spending { get; }
    public Operators Operators { get; }

    public Replays Replays { get; }
    public EndpointDesk Endpoints { get; }

    public Inputs Inputs { get; }
    public WorkflowRooms Workflows { get; }
    public Requests Requests { get; }
    public Repeats Repeats { get; }
    public SealedSummaries Summaries { get; }
    public SyncCalls Sync { get; }
    public StreamCalls Stream { get; }
    public QueuedCalls Queued { get; }
    public BulkCalls Bulk { get; }
    public CallRates Rates { get; }
    public RefusalLog Refusals { get; }
    public EngineOversight Oversight { get; }
    public PullWorkers Workers { get; }
    public AuditDesk Audit { get; }

    /// <exception cref="StartupException">With every problem that was found.</exception>
    public static async Task<EngineRooms> BuildAsync(EngineOptions options)
    {
        var reading = Read(options);
        if (reading.File is not { } file) throw new StartupException([.. reading.Findings.Select(finding => finding.ToString())]);
        var (database, vault) = await EngineDatabase.OpenAsync(options, file).ConfigureAwait(false);
        try
        {
            return new EngineRooms(options, reading, database, vault, await KeyRing.OpenAsync(database, EngineDatabase.MacOf(vault)).ConfigureAwait(false));
        }
        catch (StorageException error)
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw new StartupException([$"{error.Code}: {error.Message}"]);
        }
    }

    private static FeatureFileReading Read(EngineOptions options) => FeatureFileReader.Read(options.File, options.Environment);

    // What is valid but cannot be had here: code of another host, and parts of a file that this program does not serve.
    private IReadOnlyList<string> Unservable(FeatureFile file) =>
        [.. _handlers.Missing(file), .. WorkflowModes.Wrong(file, _options.Workflows), .. file.Unserved.Select(part => $"{part.Value}: {part.Key} is valid, but not served by this version of Headway. Remove it from the file that is served.")];

    public async Task StartAsync(CancellationToken stop)
    {
        IReadOnlyList<string> refusals = [.. Unservable(Catalog.Current), .. _options.Duty.Problems(Catalog.Current, Database.IsShared)];
        if (refusals.Count > 0) throw new StartupException(refusals);
        await _lease.TakeAsync().ConfigureAwait(false);
        await _rescuer.RescueAllAsync().ConfigureAwait(false);
        if (!Database.IsShared) await _claims.RescueAllAsync().ConfigureAwait(false);
        await ServeAsync(Catalog.Current).ConfigureAwait(false);
        await _workforce.ExchangeAsync().ConfigureAwait(false);
        if (_options.Workflows.All.Count > 0) await Database.WriteAsync(new HurryVersions(Database.Now)).ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
        Catalog.Reloaded += reload => _ = reload.Taken ? ReloadAsync(Catalog.Current) : Task.CompletedTask;
        _watching = _watcher.RunAsync(_stop.Token);
        _news.Outgoing = _deliveries.LookAll;
        _news.Start();
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
            _tenants.Look();
            _models.Gates!.Look();
            _tools.Look();
            await ServeAsync(file).ConfigureAwait(false);
        }
        catch (StorageException error)
        {
            _logger.LogError("The new feature file is served, but its versions could not be registered yet: {Cure}", error.Message);
        }
        await OpenGatesAsync().ConfigureAwait(false);
    }

    // At once, so that nothing waits for the duty's beat.
    private async Task OpenGatesAsync()
    {
        try
        {
            while ((await _gates.RunOnceAsync(Database.Time.GetUtcNow(), _stop.Token).ConfigureAwait(false)).More && !_stop.IsCancellationRequested)
            {
            }
        }
        catch (StorageException error)
        {
            _logger.LogWarning("What limits of tenants held back is let go with the next beat: {Reason}", error.Message);
        }
    }

    private async Task ServeAsync(FeatureFile file)
    {
        foreach (var version in file.Features.Values.SelectMany(feature => feature.Pooled))
        {
            var registered = await _versions.RegisterAsync(version).ConfigureAwait(false);
            _claimer.Serve(registered);
            _pulled.Serve(registered);
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
            await _deliveries.DisposeAsync().ConfigureAwait(false);
            await Refusals.CloseAsync().ConfigureAwait(false);
            await TellUsesAsync().ConfigureAwait(false);
            await GiveUpLimitsAsync().ConfigureAwait(false);
            await GiveUpLeaseAsync().ConfigureAwait(false);
            await _audit.CloseAsync().ConfigureAwait(false);
        }
        _audit.Dispose();
        await _flusher.DisposeAsync().ConfigureAwait(false);
        await Database.DisposeAsync().ConfigureAwait(false);
        _handlers.Dispose();
        await _tools.DisposeAsync().ConfigureAwait(false);
        _models.Dispose();
        _receivers.Dispose();
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

    // Who called in the last seconds.
    private async Task TellUsesAsync()
    {
        try
        {
            await Access.Denials.CloseAsync().ConfigureAwait(false);
            await Access.Ring.NoteUsesAsync().ConfigureAwait(false);
            await Access.Consumers.TellAsync().ConfigureAwait(false);
        }
        catch (StorageException error)
        {
            _logger.LogWarning("Who called in the last seconds could not be written down: {Reason}", error.Message);
        }
    }

    // What is not given back counts no more after a minute.
    private async Task GiveUpLimitsAsync()
    {
        try
        {
            await _models.Gates!.SettleAsync().ConfigureAwait(false);
            await Rates.SettleAsync(all: true).ConfigureAwait(false);
        }
        catch (StorageException error)
        {
            _logger.LogWarning("What was held of the limits of models and tenants could not be given back: {Reason}", error.Message);
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
