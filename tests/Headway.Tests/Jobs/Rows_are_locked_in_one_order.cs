using Headway.Jobs.Accepting;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;
using Headway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Headway.Tests.Jobs;

/// <summary>Groups of writes that want the same rows as those of another node: each has none of the later ones while it waits for an earlier one.</summary>
public sealed class Rows_are_locked_in_one_order
{
    /// <summary>Nodes of a database with a feature that has a budget, and one that has none.</summary>
    private static ManyNodes Priced() => new(
        """
        models:
          fast: { provider: rehearsal, firstToken: { p50: 1ms, p99: 3ms }, tokensPerSecond: 1000000, price: { input: 80, output: 200 } }
        features:
          plain: { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: { prompt: ask.hbs, models: [fast], maxTokens: 300 } }
          dear: { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: { prompt: ask.hbs, models: [fast], maxTokens: 300 }, budget: { usdPerMonth: 500 } }
        """,
        new Dictionary<string, string> { ["ask.hbs"] = "Answer: {{n}}" });

    /// <summary>Gathers writes behind one that is held, so that they go together.</summary>
    private sealed class Gate
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Fault(string boundary)
        {
            if (boundary != "Change:before-commit") return;
            _reached.TrySetResult();
            _open.Task.GetAwaiter().GetResult();
        }

        /// <summary>While a write is held.</summary>
        public async Task HoldingAsync(Database database, Func<Task> act)
        {
            var held = database.WriteAsync(new Change("SELECT 1"));
            await _reached.Task;
            try
            {
                await act();
            }
            finally
            {
                _open.SetResult();
            }
            await held;
        }

        public async Task TogetherAsync(Database database, Action begin, int writes, Writer by = Writer.Changes)
        {
            var held = database.WriteAsync(new Change("SELECT 1", by));
            await _reached.Task;
            begin();
            while (database.Backlog <= writes) await Task.Yield();
            _open.SetResult();
            await held;
        }
    }

    private static async Task<object?> AskAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    // For what this connection holds.
    private static async Task UntilSomebodyWaitsAsync(NpgsqlConnection connection)
    {
        while ((long)(await AskAsync(connection, "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"))! == 0) await Task.Yield();
    }

    [PostgresFact]
    public async Task Sessions_that_are_renewed_together()
    {
        var (gate, address) = (new Gate(), PostgresCluster.Shared.NewDatabase());
        await using var database = Database.Open(address, TimeProvider.System, NullLogger.Instance, gate.Fault);
        var expires = database.Now + 1_000_000;
        var first = (await database.WriteAsync(new SignOn("a", null, expires, [], 0)))!.Value;
        var second = (await database.WriteAsync(new SignOn("b", null, expires, [], 0)))!.Value;
        await using var other = PostgresCluster.Connect(address);
        await AskAsync(other, $"BEGIN; SELECT id FROM leases WHERE id = {first} FOR UPDATE");

        List<Task> renewals = [];
        await gate.TogetherAsync(database, () => renewals = [database.WriteAsync(new SignOn("b", second, expires, [], 0)), database.WriteAsync(new RenewLease(first, expires))], 2);
        await UntilSomebodyWaitsAsync(other);

        (await AskAsync(other, $"SELECT id FROM leases WHERE id = {second} FOR UPDATE NOWAIT")).ShouldBe(second);
        await AskAsync(other, "COMMIT");
        await Task.WhenAll(renewals);
    }

    [PostgresFact]
    public async Task A_job_whose_place_is_taken_and_the_budget_of_others()
    {
        var gate = new Gate();
        await using var nodes = Priced();
        var node = await nodes.StartAsync(duty: new NodeDuty { Worker = false });
        node.Fault = gate.Fault;
        var paused = node.Call("dear", """{"n":1}""") with { Debounce = new DebounceWish("chart", TimeSpan.FromHours(1), TimeSpan.FromHours(3)) };
        var waits = (await node.Engine.CallAsync(paused, CancellationToken.None)).ShouldBeOfType<Answer.Accepted>().Job;
        await using var other = PostgresCluster.Connect(nodes.Address);
        await AskAsync(other, $"BEGIN; SELECT job FROM queue WHERE job = '{waits.Id.Value}' FOR UPDATE");

        List<Task<Answer>> calls = [];
        await gate.TogetherAsync(node.Engine.Database, () => calls = [node.CallAsync("dear", """{"n":2}"""), node.Engine.CallAsync(paused, CancellationToken.None)], 2, Writer.Acceptances);
        await UntilSomebodyWaitsAsync(other);

        (await AskAsync(other, "SELECT count(*) FROM (SELECT id FROM budgets FOR UPDATE NOWAIT) AS free")).ShouldBe(1L);
        await AskAsync(other, "COMMIT");
        (await calls[1]).ShouldBeOfType<Answer.Accepted>().Job.Id.ShouldBe(waits.Id);
        (await calls[0]).ShouldBeOfType<Answer.Accepted>();
    }

    [PostgresFact]
    public async Task A_call_waits_for_changes_only_where_it_has_a_budget()
    {
        var gate = new Gate();
        await using var nodes = Priced();
        var node = await nodes.StartAsync(duty: new NodeDuty { Worker = false });
        // What a version needs is written once, by its first call.
        foreach (var feature in new[] { "plain", "dear" }) (await node.CallAsync(feature, """{"n":1}""")).ShouldBeOfType<Answer.Accepted>();
        node.Fault = gate.Fault;

        var dear = Task.FromResult<Answer>(null!);
        await gate.HoldingAsync(node.Engine.Database, async () =>
        {
            (await node.CallAsync("plain", """{"n":2}""").WaitAsync(TimeSpan.FromSeconds(8), TestContext.Current.CancellationToken)).ShouldBeOfType<Answer.Accepted>();
            var backlog = node.Engine.Database.Backlog;
            dear = node.CallAsync("dear", """{"n":2}""");
            while (node.Engine.Database.Backlog <= backlog) await Task.Yield();
            // Far longer than it would take.
            for (var trip = 0; trip < 100; trip++) await node.Engine.Database.ProbeAsync();
            dear.IsCompleted.ShouldBeFalse();
        });
        (await dear).ShouldBeOfType<Answer.Accepted>();
    }
}
