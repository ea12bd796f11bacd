using Headway.Crash.Tests.Checking;
using Headway.Crash.Tests.Hosting;
using Headway.Crash.Tests.Load;
using Headway.Tests.Storage;

namespace Headway.Crash.Tests;

/// <summary>A database that a node left behind after work of every kind, to be copied and damaged.</summary>
public sealed class SoundDatabase : IAsyncLifetime
{
    private readonly DataFolder _data = new();
    private readonly Ledger _ledger;
    private int _copies;

    public SoundDatabase() => _ledger = new Ledger(Path.Combine(_data.Root, "ledger"));

    internal IReadOnlyList<Promise> Promises => _ledger.Promises;

    internal List<(string Job, int Attempt)> Effects => _data.ReadEffects();

    internal string Succeeded { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        await using var node = await HostProcess.StartAsync(_data);
        foreach (var feature in new[] { "quick", "flaky", "doomed", "either", "once", "patient" })
        {
            for (var call = 0; call < 6; call++) _ledger.Promise(new Promise(await node.AcceptedAsync(feature, key: $"{feature}-{call}"), feature, $"{feature}-{call}"));
        }
        _ledger.Promise(new Promise(await node.AcceptedAsync("tokens", """{"takes":10,"count":40}"""), "tokens", null));
        var cancelled = await node.AcceptedAsync("slow", """{"takes":60000}""");
        _ledger.Promise(new Promise(cancelled, "slow", null));
        (await node.Http.PostAsync($"/v1/jobs/{cancelled}/cancel", null)).EnsureSuccessStatusCode();
        _ledger.Cancelled.Add(cancelled);
        await Ends.AllAsync(node, _data);
        await node.StopAsync();
        Succeeded = _ledger.Promises[0].Job;
    }

    /// <summary>What the checker says of a copy that was damaged by statements, or byte by byte.</summary>
    internal IReadOnlyList<Breach> CheckAfter(string? damage, Action<byte[]>? harm = null)
    {
        if (_data.IsPostgres)
        {
            var other = new DataFolder(_data.Root, PostgresCluster.Shared.CopyOf(_data.Address));
            Checker.Tamper(other, damage!);
            return Checker.Check(other, _ledger);
        }
        var copy = Path.Combine(_data.Root, $"copy-{Interlocked.Increment(ref _copies)}.db");
        var bytes = File.ReadAllBytes(_data.Database);
        harm?.Invoke(bytes);
        File.WriteAllBytes(copy, bytes);
        if (damage is not null) Checker.Tamper(copy, damage);
        return Checker.Check(copy, Promises, [.. _ledger.Cancelled], Effects);
    }

    internal IReadOnlyList<Breach> CheckWith(IReadOnlyList<Promise>? promises = null, IReadOnlyList<(string Job, int Attempt)>? effects = null) =>
        Checker.Check(_data.Database, promises ?? Promises, [.. _ledger.Cancelled], effects ?? Effects);

    public ValueTask DisposeAsync()
    {
        _ledger.Dispose();
        _data.Dispose();
        return ValueTask.CompletedTask;
    }
}
