using System.Text.Json;
using Headway.Client;

namespace Headway.AspNetCore.Tests.Cli;

public sealed class JobsTests(LiveServer server) : IClassFixture<LiveServer>
{
    [Fact]
    public async Task A_list_for_programs_has_one_row_of_names_and_tabs()
    {
        var id = await AcceptAsync("later", "list/1");

        var list = await server.RunAsync("jobs list --subject list/1");

        list.Code.ShouldBe(0);
        list.Lines[0].ShouldBe("ID\tFEATURE\tMODE\tSTATE\tATTEMPT\tCREATED\tFINISHED\tSUBJECT\tNOTE");
        list.Lines.Count.ShouldBe(2);
        list.Lines[1].Split('\t')[..4].ShouldBe([id, "later@1", "async", "succeeded"]);
        list.Lines[1].Split('\t').Length.ShouldBe(9);
    }

    [Fact]
    public async Task A_list_for_people_is_a_table()
    {
        var id = await AcceptAsync("later", "list/2");

        var list = await server.RunAsync("jobs list --subject list/2", interactive: true);

        list.Out.ShouldContain("Feature");
        list.Out.ShouldContain(id);
        list.Out.ShouldNotContain("\t");
    }

    [Fact]
    public async Task A_list_as_json_is_one_document_and_keeps_to_its_limit()
    {
        await AcceptAsync("later", "list/3");
        await AcceptAsync("later", "list/3");

        var list = await server.RunAsync("jobs list --subject list/3 --limit 1 --json");

        JsonElement.Parse(list.Out).GetProperty("jobs").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_job_is_shown_with_its_attempts_its_audit_events_and_its_result()
    {
        var id = await AcceptAsync("later", "show/1");

        var show = await server.RunAsync($"jobs show {id}");
        show.Lines.ShouldContain($"job\t{id}");
        show.Lines.ShouldContain("state\tsucceeded");
        show.Lines.ShouldContain(line => line.StartsWith("attempt 1\t"));

        var audit = await server.RunAsync($"jobs show {id} --audit");
        audit.Lines.Skip(1).Select(line => line.Split('\t')[1]).ShouldContain("submitted");

        var result = await server.RunAsync($"jobs show {id} --result");
        result.Out.ShouldContain("Ibuprofen");
    }

    [Fact]
    public async Task An_unknown_job_is_code_4()
    {
        var show = await server.RunAsync("jobs show job_0195512f7b1c7c7e9a3b2f4d5e6f7a8b");

        show.Code.ShouldBe(4);
        show.Error.ShouldContain("(job-unknown)");
    }

    [Fact]
    public async Task Watching_a_job_that_has_ended_says_so_at_once()
    {
        var id = await AcceptAsync("later", "watch/1");

        var watch = await server.RunAsync($"jobs watch {id}");

        watch.Code.ShouldBe(0);
        watch.Lines[^1].ShouldStartWith("end\t");
    }

    [Fact]
    public async Task Watching_a_job_ends_when_it_does()
    {
        var job = (await server.Client.CallAsync("gated", "{}", new CallOptions { Async = true })).ShouldBeOfType<CallAnswer.Accepted>().Job;
        var watch = server.RunAsync($"jobs watch {job.Id} --json");

        server.Open(1);

        var lines = (await watch).Lines;
        JsonElement.Parse(lines[^1]).GetProperty("event").GetString().ShouldBe("end");
    }

    [Fact]
    public async Task A_cancelled_job_stays_cancelled()
    {
        var job = (await server.Client.CallAsync("gated", "{}", new CallOptions { Async = true })).ShouldBeOfType<CallAnswer.Accepted>().Job;

        (await server.RunAsync($"jobs cancel {job.Id}")).Out.ShouldBe($"{job.Id}\tcancelled\n");
        (await server.RunAsync($"jobs cancel {job.Id}")).Out.ShouldBe($"{job.Id}\tcancelled\n");

        var watch = await server.RunAsync($"jobs watch {job.Id}");
        watch.Code.ShouldBe(1);
        watch.Error.ShouldContain("ended cancelled: The job was cancelled. (cancelled)");
    }

    [Fact]
    public async Task A_job_that_is_no_workflow_has_no_journal()
    {
        var id = await AcceptAsync("later", "journal/1");

        var journal = await server.RunAsync($"jobs journal {id}");

        journal.Code.ShouldNotBe(0);
        journal.Error.ShouldContain("(journal-unknown)");
    }

    private async Task<string> AcceptAsync(string feature, string subject)
    {
        var answer = await server.Client.CallAsync(feature, """{"text":"Ibuprofen."}""", new CallOptions { Subject = subject });
        var job = await server.Client.WaitJobAsync(answer.ShouldBeOfType<CallAnswer.Accepted>().Job.Id);
        job.State.ShouldBe(JobState.Succeeded, job.Error?.ToString());
        return job.Id;
    }
}
