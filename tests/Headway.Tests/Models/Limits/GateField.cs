using Headway.Features;
using Headway.Models.Limits;
using Headway.Storage;
using Headway.Tests.Jobs;
using Headway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Models.Limits;

/// <summary>Several nodes' gates of one model on one real database, and a clock that is moved by hand.</summary>
internal sealed class GateField : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headway-").FullName;
    private readonly List<ModelGate> _gates = [];
    private readonly List<(ModelGate Gate, Task<GateEntry> Entry)> _entering = [];
    private long _leases;

    public GateField(ModelLimits limits)
    {
        Limits = limits;
        Database = Database.Open(TestDatabase.At(Path.Combine(_folder, "limits.db")), Time, NullLogger.Instance);
    }

    public ManualTime Time { get; } = new();
    public Database Database { get; }
    public ModelLimits Limits { get; set; }

    public ModelDefinition Model => Catalogs.Rehearsal("fast") with { Limits = Limits };

    /// <summary>A node with a lease of its own.</summary>
    public async Task<(ModelGate Gate, long Lease)> NodeAsync()
    {
        var lease = Interlocked.Increment(ref _leases);
        await Database.WriteAsync(new Change($"INSERT INTO leases (id, node, epoch, expires, version, started) {TestDatabase.OwnNumber}VALUES ({lease}, 'n', 1, 0, '0', 0)"));
        var gate = new ModelGate("fast", Database, () => lease, () => Limits);
        _gates.Add(gate);
        return (gate, lease);
    }

    /// <summary>The node dies, and its lease is rescued.</summary>
    public async Task KillAsync(ModelGate gate, long lease)
    {
        await SettledAsync();
        gate.Dispose();
        _gates.Remove(gate);
        _entering.RemoveAll(call => call.Gate == gate);
        await Database.WriteAsync(new Change($"DELETE FROM leases WHERE id = {lease}"));
    }

    public Task<GateEntry> Enter(ModelGate gate, string tenant = "default", long tokens = 0, double seconds = 1_000, AttemptWaits? waits = null, CancellationToken stop = default)
    {
        var entry = gate.EnterAsync(Model, new GateCall(tenant, tokens, TimeSpan.FromSeconds(seconds), waits ?? new AttemptWaits()), stop).AsTask();
        _entering.Add((gate, entry));
        return entry;
    }

    /// <summary>No write is under way, and whoever stands in no line any more knows it: nothing changes until the clock moves or somebody calls.</summary>
    public async Task SettledAsync()
    {
        while (_gates.Exists(gate => gate.IsWriting) || _entering.Count > _gates.Sum(gate => gate.Waiting))
        {
            await Task.Yield();
            _entering.RemoveAll(call => call.Entry.IsCompleted);
        }
    }

    public async Task AdvanceAsync(double seconds, double step = 0.1)
    {
        for (var i = 0; i < (int)Math.Round(seconds / step); i++)
        {
            Time.Advance(TimeSpan.FromSeconds(step));
            await SettledAsync();
        }
    }

    public long Number(string sql) => Database.Read(session =>
    {
        using var read = session.Prepare(sql);
        read.Step();
        return read.Int64OrNull(0) ?? 0;
    });

    public async ValueTask DisposeAsync()
    {
        foreach (var gate in _gates) gate.Dispose();
        await Database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
