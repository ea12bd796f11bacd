using Headway.Features;
using Headway.Models.Limits;
using Headway.Tests.Jobs;

namespace Headway.Tests.Models.Limits;

public sealed class ModelGateTests
{
    [Fact]
    public async Task A_limit_is_used_to_the_full_minute_after_minute()
    {
        await using var field = new GateField(new ModelLimits { RequestsPerMinute = 60 });
        var (gate, _) = await field.NodeAsync();
        var calls = Enumerable.Range(0, 200).Select(_ => field.Enter(gate)).ToList();
        await field.SettledAsync();

        calls.Count(call => call.IsCompleted).ShouldBe(60);
        await field.AdvanceAsync(61.5);
        calls.Count(call => call.IsCompleted).ShouldBe(60);
        await field.AdvanceAsync(1);
        calls.Count(call => call.IsCompleted).ShouldBe(120);
        await field.AdvanceAsync(62.5);
        calls.Count(call => call.IsCompleted).ShouldBe(180);
    }

    [Fact]
    public async Task A_thousand_waiting_calls_of_a_tenant_delay_another_by_one_turn()
    {
        await using var field = new GateField(new ModelLimits { Concurrency = 1 });
        var (gate, _) = await field.NodeAsync();
        var many = Enumerable.Range(0, 1_000).Select(_ => field.Enter(gate, "many")).ToList();
        await field.SettledAsync();
        var one = field.Enter(gate, "one");

        for (var turn = 0; turn < 2; turn++) (await many[turn]).Pass!.Dispose();
        await field.SettledAsync();

        (await one).Pass.ShouldNotBeNull();
        many.Count(call => call.IsCompleted).ShouldBe(2);
    }

    [Fact]
    public async Task Whoever_cannot_be_served_in_its_time_is_told_so_at_once_and_when_to_come()
    {
        await using var field = new GateField(new ModelLimits { RequestsPerMinute = 2 });
        var (gate, _) = await field.NodeAsync();
        await Task.WhenAll(field.Enter(gate), field.Enter(gate));

        var fault = (await field.Enter(gate, seconds: 20)).Fault.ShouldNotBeNull();

        (fault.Failure.Code, fault.NotAsked).ShouldBe(("model-limit", true));
        fault.Failure.RetryAfter.ShouldBe(TimeSpan.FromSeconds(62));
        fault.Failure.Message.ShouldContain("limit of 2 requests a minute");
        gate.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task Whoever_waits_says_for_what_and_until_when()
    {
        await using var field = new GateField(new ModelLimits { RequestsPerMinute = 2 });
        var (gate, _) = await field.NodeAsync();
        await Task.WhenAll(field.Enter(gate), field.Enter(gate));
        var changes = 0;
        var waits = new AttemptWaits(() => changes++);
        var waiting = field.Enter(gate, waits: waits);
        await field.SettledAsync();
        await field.AdvanceAsync(59);

        waits.Current.ShouldNotBeNull().Text(field.Time.GetUtcNow()).ShouldBe("The limit of 2 requests a minute of model fast; about 3 s.");
        await field.AdvanceAsync(3.5);
        (await waiting).Pass.ShouldNotBeNull();
        waits.Current.ShouldBeNull();
        changes.ShouldBe(2);
    }

    [Fact]
    public async Task A_wait_that_nobody_could_foresee_ends_with_its_time()
    {
        await using var field = new GateField(new ModelLimits { Concurrency = 1 });
        var (gate, _) = await field.NodeAsync();
        var open = (await field.Enter(gate)).Pass!;
        var waiting = field.Enter(gate, seconds: 0.25);
        await field.SettledAsync();
        waiting.IsCompleted.ShouldBeFalse();
        await field.AdvanceAsync(0.3);
        var fault = (await waiting).Fault.ShouldNotBeNull();
        fault.Failure.RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
        fault.Failure.Message.ShouldContain("limit of 1 calls at once");
        open.Dispose();
        (await field.Enter(gate)).Pass.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_caller_that_leaves_takes_nothing_with_it()
    {
        await using var field = new GateField(new ModelLimits { Concurrency = 1 });
        var (gate, _) = await field.NodeAsync();
        var open = (await field.Enter(gate)).Pass!;
        using var left = new CancellationTokenSource();
        var leaving = field.Enter(gate, stop: left.Token);
        var next = field.Enter(gate);
        await left.CancelAsync();
        open.Dispose();

        await Should.ThrowAsync<OperationCanceledException>(leaving);
        (await next).Pass.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_limit_that_is_raised_or_taken_away_counts_at_once()
    {
        await using var field = new GateField(new ModelLimits { RequestsPerMinute = 2 });
        var (gate, _) = await field.NodeAsync();
        var calls = Enumerable.Range(0, 9).Select(_ => field.Enter(gate)).ToList();
        await field.SettledAsync();
        calls.Count(call => call.IsCompleted).ShouldBe(2);

        field.Limits = new ModelLimits { RequestsPerMinute = 5 };
        gate.Look();
        await field.SettledAsync();
        calls.Count(call => call.IsCompleted).ShouldBe(5);

        field.Limits = new ModelLimits();
        gate.Look();
        await field.SettledAsync();
        calls.ShouldAllBe(call => call.IsCompleted);
    }

    [Fact]
    public async Task Tokens_that_were_not_used_are_given_back_and_those_beyond_are_charged()
    {
        await using var field = new GateField(new ModelLimits { TokensPerMinute = 1_000 });
        var (gate, _) = await field.NodeAsync();
        var (thrifty, greedy) = ((await field.Enter(gate, tokens: 400)).Pass!, (await field.Enter(gate, tokens: 600)).Pass!);
        var waiting = field.Enter(gate, tokens: 300);
        await field.SettledAsync();
        waiting.IsCompleted.ShouldBeFalse();

        Ends(thrifty, 100);
        (await waiting).Pass.ShouldNotBeNull();
        Ends(greedy, 900);
        await field.AdvanceAsync(3);
        field.Number("SELECT sum(tokens) FROM model_grants").ShouldBe(100 + 300 + 900);
        (await field.Enter(gate, tokens: 1_001)).Fault.ShouldNotBeNull().Failure.Code.ShouldBe("model-over-limit");
    }

    [Fact]
    public async Task A_call_that_was_never_sent_costs_nothing()
    {
        await using var field = new GateField(new ModelLimits { RequestsPerMinute = 1, TokensPerMinute = 100 });
        var (gate, _) = await field.NodeAsync();
        (await field.Enter(gate, tokens: 100)).Pass!.Dispose();
        (await field.Enter(gate, tokens: 100)).Pass!.Dispose();
        await field.AdvanceAsync(4);

        field.Number("SELECT sum(requests + tokens) FROM model_grants").ShouldBe(0);
    }

    [Fact]
    public async Task Slots_that_a_node_does_not_need_or_cannot_need_any_more_are_for_the_others()
    {
        await using var field = new GateField(new ModelLimits { Concurrency = 4 });
        var (one, lease) = await field.NodeAsync();
        var (other, _) = await field.NodeAsync();
        var open = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => field.Enter(one)));
        var waiting = Enumerable.Range(0, 4).Select(_ => field.Enter(other)).ToList();
        await field.AdvanceAsync(1);
        waiting.ShouldAllBe(call => !call.IsCompleted);

        foreach (var entry in open[..2]) entry.Pass!.Dispose();
        await field.AdvanceAsync(2 * Allowance.SlotPeriod.TotalSeconds + 1);
        waiting.Count(call => call.IsCompleted).ShouldBe(2);

        await field.KillAsync(one, lease);
        await field.AdvanceAsync(1);
        waiting.ShouldAllBe(call => call.IsCompleted);
    }

    [Fact]
    public async Task A_node_that_found_its_lease_lost_counts_its_open_calls_under_the_new_one()
    {
        await using var field = new GateField(new ModelLimits { Concurrency = 2 });
        var (_, old) = await field.NodeAsync();
        var (_, next) = await field.NodeAsync();
        var lease = old;
        using var gate = new ModelGate("fast", field.Database, () => lease, () => field.Limits);
        var first = (await field.Enter(gate)).Pass!;
        lease = next;
        await field.Database.WriteAsync(new Change($"DELETE FROM leases WHERE id = {old}"));

        (await field.Enter(gate)).Pass.ShouldNotBeNull();

        field.Number($"SELECT slots FROM model_slots WHERE lease = {next}").ShouldBe(2);
        first.Dispose();
    }

    [Fact]
    public async Task A_busy_minute_costs_few_writes()
    {
        await using var field = new GateField(new ModelLimits { RequestsPerMinute = 10_000, Concurrency = 50 });
        var (gate, _) = await field.NodeAsync();
        var writes = 0;
        var wasWriting = false;
        for (var i = 0; i < 2_000; i++)
        {
            var call = field.Enter(gate);
            if (gate.IsWriting && !wasWriting) writes++;
            (await call).Pass!.Dispose();
            if (i % 20 == 0) field.Time.Advance(TimeSpan.FromSeconds(0.1));
            await field.SettledAsync();
        }

        writes.ShouldBeLessThan(60);
    }

    private static void Ends(ModelPass pass, long tokens)
    {
        pass.Send();
        pass.Use(new Usage(tokens, 0, 0));
        pass.Dispose();
    }
}
