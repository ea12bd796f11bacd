using System.Net.Http.Json;
using System.Text.Json;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.Cli;

public sealed class WorkflowCommandsTests : IAsyncLifetime
{
    private const string File = "features: { review: { contract: { mode: async, caller: leaves, deliverWithin: 3d }, handler: code } }";

    private HeadwayHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await HeadwayHost.StartAsync(File, app => app.MapWorkflow<Review>("review"));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_workflow_is_watched_paused_signalled_and_run_again_by_hand()
    {
        var id = await WaitingAsync();

        var steps = await RunAsync("jobs", "steps", id);
        steps.Lines[0].ShouldBe("NUMBER\tKIND\tNAME\tSTATE\tTRIES\tTOOK\tWAITS");
        steps.Lines[1].ShouldStartWith("1\tstep\tcount\tsucceeded\t1\t");
        steps.Lines[2].ShouldBe("-\tapproval\tlegal\twaiting\t-\t-\tMay 2 parts be used?");
        JsonElement.Parse((await RunAsync("jobs", "steps", id, "1")).Out).GetProperty("output").GetInt32().ShouldBe(2);

        (await RunAsync("jobs", "pause", id)).Out.ShouldContain("paused");
        (await RunAsync("jobs", "resume", id)).Code.ShouldBe(0);
        (await RunAsync("jobs", "signal", id, "legal", "not json")).Code.ShouldBe(2);
        (await RunAsync("jobs", "signal", id, "legal", """{"granted":true}""", "--idempotency-key", "k-1")).Out.ShouldStartWith("legal: ");
        (await RunAsync("jobs", "signal", id, "legal", """{"granted":true}""", "--idempotency-key", "k-1")).Out.ShouldStartWith("legal: repeated");
        (await EndAsync(id)).ShouldBe("succeeded");

        var again = JsonElement.Parse((await RunAsync("jobs", "rerun", id, "--from", "count", "--input", """["a","b","c"]""", "--json")).Out).GetProperty("id").GetString()!;
        (await RunAsync("jobs", "cancel", again, "--at-once")).Out.ShouldContain("cancelled");
        (await RunAsync("jobs", "rerun", id, "--from", "nothing")).Error.ShouldContain("step-unknown");
    }

    [Fact]
    public async Task Versions_are_listed_pinned_and_moved_by_hand()
    {
        await WaitingAsync();

        (await RunAsync("workflows", "list")).Lines.ShouldBe(["FEATURE\tVERSION\tHERE\tNEW JOBS\tUNDER WAY", "review\t1\tyes\thighest\t1 waiting"]);
        (await RunAsync("workflows", "pin", "review", "1")).Lines[1].ShouldBe("review\t1\tyes\tpinned\t1 waiting");
        (await RunAsync("workflows", "pin", "review")).Lines[1].ShouldBe("review\t1\tyes\thighest\t1 waiting");
        (await RunAsync("workflows", "move", "review", "--from", "1", "--to", "1")).Out.ShouldStartWith("1 moved");
        (await RunAsync("workflows", "move", "review", "--from", "1", "--to", "2")).Error.ShouldContain("workflow-version-unknown");
    }

    private async Task<string> WaitingAsync()
    {
        using var accepted = await _host.Http.PostAsJsonAsync("/v1/features/review", new[] { "a", "b" });
        var id = JsonElement.Parse(await accepted.Content.ReadAsStringAsync()).GetProperty("id").GetString()!;
        await Until.IsSoAsync(async () => (await _host.Http.GetStringAsync($"/v1/jobs/{id}")).Contains("\"state\":\"waiting\"", StringComparison.Ordinal));
        return id;
    }

    private async Task<string> EndAsync(string id)
    {
        using var question = new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/{id}");
        question.Headers.Add("Prefer", "wait=20");
        using var answer = await _host.Http.SendAsync(question);
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("state").GetString()!;
    }

    private Task<CommandLine> RunAsync(params string[] words) => CommandLine.RunAsync([.. words, "--server", _host.Http.BaseAddress!.ToString()]);

    private sealed class Review : Workflow<string[], int>
    {
        protected override async Task<int> RunAsync(string[] input, WorkflowContext flow)
        {
            var parts = await flow.Step("count", _ => Task.FromResult(input.Length));
            await flow.Approval("legal", TimeSpan.FromDays(3), $"May {parts} parts be used?");
            return parts;
        }
    }
}
