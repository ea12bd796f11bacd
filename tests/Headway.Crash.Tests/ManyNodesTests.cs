using Headway.Crash.Tests.Hosting;
using Headway.Crash.Tests.Load;
using Headway.Tests.Storage;
using Npgsql;

namespace Headway.Crash.Tests;

/// <summary>Processes on one PostgreSQL database, of which one is killed, paused or asked to leave.</summary>
public sealed class ManyNodesTests : IDisposable
{
    private readonly DataFolder _data = new(address: PostgresCluster.Shared.NewDatabase());

    private Task<HostProcess> StartAsync() => HostProcess.StartAsync(_data, ("HEADWAY_CRASH_DRAIN_MS", "300"));

    [Fact]
    public async Task A_node_that_sleeps_past_its_lease_writes_nothing_of_what_another_took_over()
    {
        const int Jobs = 8;
        await using var first = await StartAsync();
        var jobs = new List<string>();
        for (var count = 0; count < Jobs; count++) jobs.Add(await first.AcceptedAsync("slow", $$"""{"until":"{{_data.Gate}}","stubborn":{{(count % 2 == 0 ? "true" : "false")}}}"""));
        while (await NumberAsync("SELECT count(*) FROM queue WHERE state = 2") < Jobs) await Task.Yield();
        await using var second = await StartAsync();

        // As the first wakes, all it runs is done at once and wants to be written.
        first.Send(Signal.Stop);
        _data.OpenGate();
        foreach (var job in jobs) await Ends.OfAsync(second, job);
        var before = await TextAsync(Everything);
        var lease = await NumberAsync("SELECT max(id) FROM leases");
        first.Send(Signal.Continue);
        while (await NumberAsync("SELECT max(id) FROM leases") == lease) await Task.Yield();
        await first.StopAsync();

        (await TextAsync(Everything)).ShouldBe(before);
        (await NumberAsync("SELECT count(*) FROM jobs WHERE state = 5 AND attempt = 2")).ShouldBe(Jobs);
        (await NumberAsync("SELECT count(*) FROM audit_events WHERE action = 'completed'")).ShouldBe(Jobs);
        await second.StopAsync();
    }

    [Fact]
    public async Task Of_three_nodes_one_is_killed_and_one_leaves_under_load_and_each_job_ends_once()
    {
        const int Jobs = 150;
        var nodes = await Task.WhenAll(StartAsync(), StartAsync(), StartAsync());
        var jobs = new List<string>();
        for (var count = 0; count < Jobs; count++)
        {
            jobs.Add(await nodes[count < Jobs / 3 ? count % 3 : count < Jobs * 2 / 3 ? count % 2 : 0].AcceptedAsync("quick", """{"takes":50}""", $"key-{count}"));
            if (count == Jobs / 3) await nodes[2].KillAsync();
            if (count == Jobs * 2 / 3) await nodes[1].StopAsync();
        }
        foreach (var job in jobs) (await Ends.OfAsync(nodes[0], job)).ShouldContain("\"state\":\"succeeded\"");

        (await NumberAsync("SELECT count(*) FROM jobs")).ShouldBe(Jobs);
        (await NumberAsync("SELECT count(*) FROM audit_events WHERE action = 'completed'")).ShouldBe(Jobs);
        (await NumberAsync("SELECT count(*) FROM queue")).ShouldBe(0);
        // At least once: what was begun and not ended was of the node that was killed, or handed back.
        _data.ReadEffects().Select(effect => effect.Job).Distinct().Count().ShouldBe(Jobs);
        (await NumberAsync("SELECT count(*) FROM attempts WHERE outcome NOT IN ('crashed', 'handed-back', 'succeeded')")).ShouldBe(0);
        await nodes[0].StopAsync();
        foreach (var node in nodes) await node.DisposeAsync();
    }

    private const string Everything = """
        SELECT string_agg(concat_ws(' ', id, state, attempt, failures, started, finished, result, node), E'\n' ORDER BY id) FROM jobs
        UNION ALL SELECT string_agg(concat_ws(' ', job, id, action, node, outcome), E'\n' ORDER BY job, id) FROM audit_events
        UNION ALL SELECT count(*)::text FROM payloads UNION ALL SELECT count(*)::text FROM attempts
        """;

    private async Task<long> NumberAsync(string sql) => long.Parse(await TextAsync(sql), System.Globalization.CultureInfo.InvariantCulture);

    private async Task<string> TextAsync(string sql)
    {
        await using var connection = PostgresCluster.Connect(_data.Address);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var lines = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken)) lines.Add(reader.GetValue(0).ToString()!);
        return string.Join('\n', lines);
    }

    public void Dispose() => _data.Dispose();
}
