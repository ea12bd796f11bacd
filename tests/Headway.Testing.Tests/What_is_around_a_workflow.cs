namespace Headway.Testing.Tests;

public sealed class What_is_around_a_workflow : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headway-around-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_feature_file_gives_contracts_retries_and_rehearsals()
    {
        var file = Path.Combine(_folder, "headway.yaml");
        await File.WriteAllTextAsync(file, """
            models:
              practice: { provider: rehearsal, firstToken: { p50: 1ms, p99: 2ms }, tokensPerSecond: 100000 }
            features:
              my-flow: { contract: { mode: hybrid, wait: 1s, caller: leaves, deliverWithin: 30d }, handler: code, retry: { attempts: 5, backoff: 1m..1h } }
              headline: { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: { prompt: headline.hbs, models: [practice] }, fallback: none }
            """);
        await File.WriteAllTextAsync(Path.Combine(_folder, "headline.hbs"), "Write a headline for {{text}}");
        await using var host = await Given.StartAsync(
            async (_, flow) =>
            {
                var headline = await flow.Call<string>("headline", new { text = "The delivery moved." });
                return $"{await flow.Step("tries", _ => Task.FromResult("done"))}: {headline}";
            },
            setup => (setup.FeatureFile, setup.Name) = (file, "my-flow"));
        host.FailStep("tries", times: 4);
        var job = await host.SubmitAsync("");

        (await job.WaitsForAsync()).ShouldHaveSingleItem().State.ShouldBe("retrying");
        await job.ToEndAsync();

        (await job.ResultAsync<string>()).ShouldStartWith("done: This is a rehearsal");
        (await job.StepsAsync()).Single(step => step.Name == "tries").Tries.ShouldBe(5);
    }

    [Fact]
    public async Task A_workflow_that_is_not_in_the_feature_file_is_told_of()
    {
        var file = Path.Combine(_folder, "headway.yaml");
        await File.WriteAllTextAsync(file, "features: { other: { contract: { mode: async, caller: leaves, deliverWithin: 30d }, handler: code } }");

        (await Should.ThrowAsync<WorkflowTestException>(() => Given.StartAsync((_, _) => Task.FromResult(""), setup => setup.FeatureFile = file))).Message.ShouldContain("code-missing");

        await using var host = await Given.StartAsync((_, _) => Task.FromResult(""), setup =>
        {
            setup.FeatureFile = file;
            setup.Feature("other", (string text) => text);
        });
        (await Should.ThrowAsync<WorkflowTestException>(() => host.SubmitAsync(""))).Message.ShouldBe("The feature file has no feature given. Set Name of the setup to its name.");
    }

    [Fact]
    public async Task Another_workflow_can_be_called()
    {
        await using var host = await Given.StartAsync(
            async (_, flow) => $"{await flow.Call<int>("count-down", 3)} {flow.Now:HH:mm}",
            setup => setup.Workflow<CountDown>("count-down"));
        var job = await host.SubmitAsync("");
        await job.ToEndAsync();
        (await job.ResultAsync<string>()).ShouldBe("0 12:00");
    }

    [Fact]
    public async Task A_job_can_be_cancelled_and_an_input_that_does_not_fit_is_told_of()
    {
        await using var host = await Given.StartAsync((_, flow) => flow.Signal<string>("never"));
        var job = await host.SubmitAsync("");
        await job.CancelAsync();
        (await job.StateAsync()).ShouldBe("cancelled");

        (await (await host.SubmitAsync(7)).FailureAsync()).Code.ShouldBe("input-invalid");
        (await Should.ThrowAsync<WorkflowTestException>(() => job.FailureAsync())).Message.ShouldContain("it is cancelled");
    }

    [Fact]
    public async Task A_race_a_fan_out_and_steps_side_by_side_are_the_same_wherever_the_node_dies()
    {
        var boundaries = await WorkflowTestHost.EveryCrashAsync<Given>(
            setup => setup.Service<Func<string, WorkflowContext, Task<string>>>(SideBySideAsync).Feature("double", (int number) => number * 2),
            async host =>
            {
                var job = await host.SubmitAsync("go");
                await job.SignalAsync("go", true);
                await job.ToEndAsync();
                return await job.ResultAsync<string>();
            });

        boundaries.ShouldContain("before step fetch[3]/load");
        boundaries.ShouldContain("after delay first[1]/delay");
        boundaries.Count.ShouldBe(18);
    }

    private static async Task<string> SideBySideAsync(string input, WorkflowContext flow)
    {
        var both = await flow.All([flow.Step("left", _ => Task.FromResult(1)), flow.Step("right", _ => Task.FromResult(2)), flow.Call<int>("double", 4)]);
        var loaded = await flow.Each("fetch", Enumerable.Range(1, 3), (number, own) => own.Step("load", _ => Task.FromResult(number * 10)));
        await flow.Signal<bool>("go");
        var first = await flow.Race("first", async own => { await own.Delay(TimeSpan.FromHours(1)); return "early"; }, async own => { await own.Delay(TimeSpan.FromHours(9)); return "late"; });
        return $"{both.Sum()} {loaded.Sum()} {first} {flow.NewId()} {flow.Now:O}";
    }

    private sealed class CountDown : Workflow<int, int>
    {
        protected override async Task<int> RunAsync(int input, WorkflowContext flow)
        {
            for (var left = input; left > 0; left--) await flow.Delay(TimeSpan.FromHours(1));
            return 0;
        }
    }
}
