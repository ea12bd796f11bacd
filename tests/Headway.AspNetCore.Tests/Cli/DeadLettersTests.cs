using Headway.Client;

namespace Headway.AspNetCore.Tests.Cli;

public sealed class DeadLettersTests(LiveServer server) : IClassFixture<LiveServer>
{
    [Fact]
    public async Task Dead_letters_are_listed_counted_and_replayed()
    {
        server.IsDown = true;
        var first = await BreakAsync();
        var second = await BreakAsync();
        server.IsDown = false;

        var list = await server.RunAsync("dead-letters list --feature breakable");
        list.Lines.Skip(1).Select(line => line.Split('\t')[0]).ShouldBe([second, first]);

        (await server.RunAsync("dead-letters replay --feature breakable --dry-run")).Out.ShouldBe("2 dead letters would be replayed\n");
        (await server.RunAsync("dead-letters replay --feature breakable", input: "n\n", interactive: true)).Out.ShouldBe("Replay 2 dead letters? [y/N] ");
        (await server.RunAsync($"jobs replay {first}")).Code.ShouldBe(0);
        (await server.Client.WaitJobAsync(first)).State.ShouldBe(JobState.Succeeded);

        (await server.RunAsync("dead-letters replay --feature breakable", input: "y\n", interactive: true)).Out.ShouldEndWith("1 dead letters replayed\n");
        (await server.Client.WaitJobAsync(second)).State.ShouldBe(JobState.Succeeded);
        (await server.RunAsync("dead-letters replay --feature breakable --json")).Out.ShouldBe("""{"count":0,"dryRun":false,"matched":0,"more":false}""" + "\n");

    }

    [Fact]
    public async Task Dead_letters_are_grouped_and_one_is_replayed_with_another_input()
    {
        server.IsDown = true;
        var job = await BreakAsync();
        var groups = await server.RunAsync("dead-letters groups --feature breakable");
        server.IsDown = false;

        groups.Lines[0].ShouldBe("COUNT\tFEATURE\tREASON\tCLASS\tFIRST\tLAST\tEXAMPLE\tFINGERPRINT");
        var cells = groups.Lines[1].Split('\t');
        (cells[1], cells[2], cells[3], cells[6]).ShouldBe(("breakable@1", "handler-error", "unavailable", job));
        (await server.RunAsync($"dead-letters replay --fingerprint {cells[7]} --dry-run")).Out.ShouldBe($"{cells[0]} dead letters would be replayed\n");
        (await server.RunAsync($"jobs replay {job} --with-model strong")).Error.ShouldContain("replay-model-forbidden");
        (await server.RunAsync($"jobs replay {job} --input {{\"mended\":1}}")).Code.ShouldBe(0);
        (await server.Client.WaitJobAsync(job)).State.ShouldBe(JobState.Succeeded);
        (await server.Client.InputsAsync(job)).Count.ShouldBe(2);
    }

    private async Task<string> BreakAsync()
    {
        var call = await server.RunAsync("call breakable --watch");
        call.Code.ShouldBe(1);
        call.Error.ShouldContain("ended dead");
        return call.Error.Split('\n').Single(line => line.Contains("ended dead")).Split(' ')[0];
    }
}
