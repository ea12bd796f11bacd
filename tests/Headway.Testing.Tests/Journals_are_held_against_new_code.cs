namespace Headway.Testing.Tests;

public sealed class Journals_are_held_against_new_code : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headway-journals-").FullName;

    private string File => Path.Combine(_folder, "journal.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_code_that_wrote_a_journal_fits_it_and_touches_nothing()
    {
        await RecordAsync(Checkout, toEnd: true);
        await CheckAsync(async (input, flow) =>
        {
            var charged = await flow.Step<int>("charge", _ => throw new InvalidOperationException("Nothing is done here."));
            await flow.Delay(TimeSpan.FromDays(2));
            var answer = await flow.Call<string>("ship", charged);
            return $"{answer} {flow.NewId()} {flow.Random.Next()}";
        }, andAnswer: true);
    }

    [Fact]
    public async Task One_that_is_under_way_fits_as_far_as_it_came()
    {
        await RecordAsync(Checkout, toEnd: false);

        (await System.IO.File.ReadAllTextAsync(File)).ShouldContain("\"kind\": \"delay\"");
        await CheckAsync(Checkout);
        (await Should.ThrowAsync<WorkflowTestException>(() => CheckAsync(async (_, flow) => $"{await flow.Step("charge", _ => Task.FromResult(1))}"))).Message
            .ShouldContain("Expected, because it waited for that: the delay delay. Found: nothing.");
    }

    [Fact]
    public async Task One_that_was_cancelled_fits_as_far_as_its_undoing()
    {
        await using (var host = await Given.StartAsync(BookAsync))
        {
            var job = await host.SubmitAsync("");
            await host.RestAsync();
            await job.CancelAsync();
            (await job.StateAsync()).ShouldBe("cancelled");
            await job.ExportAsync(File);
        }

        (await System.IO.File.ReadAllTextAsync(File)).ShouldContain("undo hotel");
        await CheckAsync(BookAsync);
        (await Should.ThrowAsync<WorkflowTestException>(() => CheckAsync(async (_, flow) => await flow.Signal<string>("paid")))).Message.ShouldContain("step hotel");

        static async Task<string> BookAsync(string input, WorkflowContext flow)
        {
            await flow.Step("hotel", _ => Task.CompletedTask);
            flow.OnFailure("hotel", _ => Task.CompletedTask);
            return await flow.Signal<string>("paid");
        }
    }

    [Fact]
    public async Task Code_that_asks_for_something_else_is_told_what_was_expected_and_found()
    {
        await RecordAsync(Checkout, toEnd: true);

        var mismatch = await Should.ThrowAsync<WorkflowTestException>(() => CheckAsync(async (_, flow) =>
        {
            await flow.Step("check-stock", _ => Task.CompletedTask);
            return await Checkout("", flow);
        }));

        mismatch.Message.ShouldStartWith("Given does not fit journal.json (job_");
        mismatch.Message.ShouldContain("mismatch: The workflow was run again and did not come to the same question. Expected, by line 1 of its journal: step charge. Found: step check-stock.");
    }

    [Fact]
    public async Task Code_that_tells_a_change_apart_fits()
    {
        await RecordAsync(Checkout, toEnd: true);
        await CheckAsync(async (_, flow) =>
        {
            if (flow.Patched("stock")) await flow.Step("check-stock", _ => Task.CompletedTask);
            return await Checkout("", flow);
        });
    }

    [Fact]
    public async Task Another_input_of_a_child_another_end_and_another_answer_are_found()
    {
        await RecordAsync(Checkout, toEnd: true);

        (await Should.ThrowAsync<WorkflowTestException>(() => CheckAsync(async (_, flow) =>
        {
            await flow.Step("charge", _ => Task.FromResult(1));
            await flow.Delay(TimeSpan.FromDays(2));
            return await flow.Call<string>("ship", "another");
        }))).Message.ShouldContain("call ship with another input");

        (await Should.ThrowAsync<WorkflowTestException>(() => CheckAsync(async (_, flow) =>
        {
            await Checkout("", flow);
            await flow.Step("thank", _ => Task.CompletedTask);
            return "";
        }))).Message.ShouldContain("Expected, because the journal ends there: its end. Found: step thank.");

        (await Should.ThrowAsync<WorkflowTestException>(() => CheckAsync(async (_, flow) =>
        {
            await Checkout("", flow);
            throw new WorkflowFailedException("changed-my-mind", "No.");
        }))).Message.ShouldContain("Expected, as its end: an answer. Found: changed-my-mind (No.).");

        await CheckAsync(async (_, flow) => await Checkout("", flow) + "!");
        (await Should.ThrowAsync<WorkflowTestException>(() => CheckAsync(async (_, flow) => await Checkout("", flow) + "!", andAnswer: true))).Message.ShouldContain("Expected, as its answer:");
    }

    [Fact]
    public async Task Code_that_leaves_its_turn_is_found()
    {
        await RecordAsync(Checkout, toEnd: true);

#pragma warning disable HW0004 // What it is about.
        (await Should.ThrowAsync<WorkflowTestException>(() => CheckAsync(async (_, flow) =>
        {
            await flow.Step("charge", _ => Task.FromResult(1)).ConfigureAwait(false);
            await flow.Delay(TimeSpan.FromDays(2));
            return "";
        }))).Message.ShouldContain("workflow-outside");
#pragma warning restore HW0004
    }

    [Fact]
    public async Task A_failed_workflow_fits_code_that_fails_alike()
    {
        await RecordAsync((_, flow) => throw new WorkflowFailedException("never", "Never."), toEnd: true);

        await CheckAsync((_, flow) => throw new WorkflowFailedException("never", "No."));
        (await Should.ThrowAsync<WorkflowTestException>(() => CheckAsync((_, flow) => Task.FromResult("well")))).Message.ShouldContain("Expected, as its end: never. Found: an answer.");
    }

    [Fact]
    public async Task A_file_that_is_no_journal_is_told_of()
    {
        await System.IO.File.WriteAllTextAsync(File, "{}");
        (await Should.ThrowAsync<WorkflowTestException>(() => CheckAsync(Checkout))).Message.ShouldContain("is no journal of format 1");
        await System.IO.File.WriteAllTextAsync(File, "not json");
        (await Should.ThrowAsync<WorkflowTestException>(() => CheckAsync(Checkout))).Message.ShouldContain("is no journal:");
    }

    private static async Task<string> Checkout(string input, WorkflowContext flow)
    {
        var charged = await flow.Step("charge", _ => Task.FromResult(5));
        await flow.Delay(TimeSpan.FromDays(2));
        var answer = await flow.Call<string>("ship", charged);
        return $"{answer} {flow.NewId()} {flow.Random.Next()}";
    }

    private async Task RecordAsync(Func<string, WorkflowContext, Task<string>> body, bool toEnd)
    {
        await using var host = await Given.StartAsync(body, setup => setup.Feature("ship", (int charged) => $"shipped for {charged}"));
        var job = await host.SubmitAsync("");
        if (toEnd) await job.ToEndAsync();
        await job.ExportAsync(File);
    }

    private Task CheckAsync(Func<string, WorkflowContext, Task<string>> body, bool andAnswer = false) => WorkflowReplay.CheckAsync<Given>(File, setup => setup.Service(body), andAnswer);
}
