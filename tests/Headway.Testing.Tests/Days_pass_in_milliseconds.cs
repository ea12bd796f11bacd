using System.Diagnostics;

namespace Headway.Testing.Tests;

public sealed class Days_pass_in_milliseconds
{
    private readonly Office _office = new();

    [Fact]
    public async Task A_workflow_that_waits_for_days_is_tested_in_moments()
    {
        var began = Stopwatch.GetTimestamp();
        await using var host = await Reviews.StartAsync(_office);
        var job = await host.SubmitAsync(Reviews.Two);

        (await job.WaitsForAsync()).Select(wait => wait.ToString()).ShouldBe(["delay cool-down"]);
        await host.AdvanceAsync(TimeSpan.FromDays(3));
        (await job.WaitsForAsync()).ShouldHaveSingleItem().Until.ShouldBe(host.Now.AddDays(1));
        await job.ApproveAsync("legal", reason: "Fine.");

        var review = await job.ResultAsync<Review>();
        (review.Risk, review.Summary, review.Filed).ShouldBe((6, "<Sum up 6>", new DateTimeOffset(2026, 1, 8, 9, 0, 0, TimeSpan.Zero)));
        (await job.StepsAsync()).Select(step => step.ToString()).ShouldBe(
            ["step split", "call assess-clause", "call assess-clause", "step model strong", "delay cool-down", "approval legal", "step file"]);
        host.Worked.ShouldBe(["step split", "feature assess-clause \"be\"", "feature assess-clause \"paid\"", "step model strong", "model strong \"user: Sum up 6\"", "step file"], ignoreOrder: true);
        _office.Notes.ShouldBe(["filed"]);
        Stopwatch.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Each_thing_that_is_due_happens_at_its_own_time()
    {
        await using var host = await Given.StartAsync(async (_, flow) =>
        {
            var times = new List<string>();
            for (var day = 0; day < 3; day++)
            {
                await flow.Delay(TimeSpan.FromHours(30));
                times.Add(flow.Now.ToString("MM-dd HH:mm:ss.fff", System.Globalization.CultureInfo.InvariantCulture));
            }
            return string.Join(", ", times);
        });
        var job = await host.SubmitAsync("");

        await host.AdvanceAsync(TimeSpan.FromDays(7));

        (await job.ResultAsync<string>()).ShouldBe("01-06 15:00:00.000, 01-07 21:00:00.000, 01-09 03:00:00.000");
        host.Now.ShouldBe(new DateTimeOffset(2026, 1, 12, 9, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task Time_stands_still_until_it_is_moved()
    {
        await using var host = await Given.StartAsync(async (_, flow) => { await flow.Delay(TimeSpan.FromSeconds(2)); return "done"; });
        var job = await host.SubmitAsync("");

        (await Should.ThrowAsync<WorkflowTestException>(() => job.ResultAsync<string>())).Message.ShouldBe("There is no result: it waits for delay delay until 2026-01-05 09:00:02Z. It is 2026-01-05 09:00:00Z.");

        await job.ToEndAsync();
        (await job.ResultAsync<string>()).ShouldBe("done");
        host.Now.ShouldBe(new DateTimeOffset(2026, 1, 5, 9, 0, 2, TimeSpan.Zero));
    }

    [Fact]
    public async Task What_no_time_brings_is_told_of()
    {
        await using var host = await Given.StartAsync((_, flow) => flow.Signal<string>("word"));
        var job = await host.SubmitAsync("");

        (await Should.ThrowAsync<WorkflowTestException>(() => job.ToEndAsync())).Message.ShouldStartWith("It does not end, however long it takes: it waits for signal word.");

        await job.SignalAsync("word", "hello");
        (await job.ResultAsync<string>()).ShouldBe("hello");
        (await Should.ThrowAsync<WorkflowTestException>(() => job.SignalAsync("word", "again"))).Message.ShouldBe("The signal word comes too late: it is succeeded.");
    }

    [Fact]
    public async Task Nobody_who_decides_in_time_is_told_to_the_workflow()
    {
        await using var host = await Reviews.StartAsync(_office);
        var job = await host.SubmitAsync(Reviews.Two);

        await job.ToEndAsync();

        (await job.FailureAsync()).Code.ShouldBe("signal-timeout");
        host.Now.ShouldBe(new DateTimeOffset(2026, 1, 9, 9, 0, 0, TimeSpan.Zero));
        _office.Notes.ShouldBe(["withdrawn"]);
        (await Should.ThrowAsync<WorkflowTestException>(() => job.ResultAsync<Review>())).Message.ShouldContain("it is dead, signal-timeout");
    }

    [Fact]
    public async Task A_step_that_hangs_is_cut_off_when_its_time_has_passed()
    {
        await using var host = await Given.StartAsync(async (_, flow) =>
        {
            try
            {
                await flow.Step("hang", stop => Task.Delay(Timeout.Infinite, stop), new StepOptions { Attempts = 1, Timeout = TimeSpan.FromMinutes(2) });
                return "it ended";
            }
            catch (WorkflowFailedException late)
            {
                return late.Code;
            }
        });
        var job = await host.SubmitAsync("");

        await host.AdvanceAsync(TimeSpan.FromMinutes(3));

        (await job.ResultAsync<string>()).ShouldBe("step-timeout");
    }

    [Fact]
    public async Task The_clock_of_a_workflow_is_that_of_the_test()
    {
        await using var host = await WorkflowTestHost.StartAsync<Stamped>();
        var job = await host.SubmitAsync("");
        await job.ToEndAsync();
        (await job.ResultAsync<DateTimeOffset>()).ShouldBe(new DateTimeOffset(2026, 1, 5, 9, 5, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task What_cannot_be_started_is_told_with_its_cure()
    {
        (await Should.ThrowAsync<WorkflowTestException>(() => WorkflowTestHost.StartAsync<Office>())).Message.ShouldContain("Office is no workflow");
        (await Should.ThrowAsync<WorkflowTestException>(() => Reviews.StartAsync(more: setup => setup.Feature("assess-clause", (string clause) => 1)))).Message.ShouldBe("The feature assess-clause is given twice.");
    }

    private sealed class Stamped(TimeProvider time) : Workflow<string, DateTimeOffset>
    {
        protected override async Task<DateTimeOffset> RunAsync(string input, WorkflowContext flow)
        {
            await flow.Delay(TimeSpan.FromMinutes(5));
            return await flow.Step("stamp", _ => Task.FromResult(time.GetUtcNow()));
        }
    }
}
