using System.Globalization;
using System.Text.Json;
using Headway.Crash.Tests.Checking;
using Headway.Crash.Tests.Hosting;
using Headway.Crash.Tests.Load;
using Headway.Tests.Storage;
using Npgsql;

namespace Headway.Crash.Tests;

/// <summary>Workers in Python and a real server, of which one or the other is killed, paused or asked to leave.</summary>
public sealed class PythonWorkerTests : IDisposable
{
    private const string Features = """
        features:
          dictate: { contract: { mode: async, caller: leaves, output: prose, deliverWithin: 5m }, handler: worker }
          ponder: { contract: { mode: async, caller: leaves, deliverWithin: 5m }, handler: worker }
        """;

    private readonly DataFolder _data = new();

    private Task<HostProcess> StartAsync(params (string Name, string Value)[] settings)
    {
        var file = Path.Combine(_data.Root, "headway.yaml");
        if (!File.Exists(file)) File.WriteAllText(file, Features);
        return HostProcess.StartAsync(_data, [("HEADWAY_FILE", file), ("HEADWAY_CRASH_LEASE_MS", "2000"), ("HEADWAY_CRASH_DRAIN_MS", "300"), .. settings]);
    }

    private static string AddressOf(HostProcess node) => node.Http.BaseAddress!.ToString().TrimEnd('/');

    private static string Whole(int pieces) => string.Concat(Enumerable.Range(1, pieces).Select(number => $"{number} "));

    [Fact(Timeout = 120_000)]
    public async Task A_worker_that_is_killed_in_the_middle_is_followed_by_another_and_readers_are_told()
    {
        await using var node = await StartAsync();
        await using var first = PythonWorker.Start("dictation.py", "first", AddressOf(node));
        var job = await node.AcceptedAsync("dictate", """{"pieces":40,"pause":0.05}""");
        var shown = new List<ServerEvent>();
        PythonWorker? second = null;
        await foreach (var entry in node.EventsAsync(job))
        {
            shown.Add(entry);
            if (second is not null || shown.Count(entry => entry.Name is "delta") < 3) continue;
            await first.KillAsync();
            second = PythonWorker.Start("dictation.py", "second", AddressOf(node));
        }
        await using var _ = second;

        shown[^1].Name.ShouldBe("end");
        var restart = shown.FindIndex(entry => entry.Name is "restart");
        Text(shown[restart..]).ShouldBe(Whole(40));
        Whole(40).ShouldStartWith(Text(shown[..restart]));
        NoGap(shown);
        (await Ends.OfAsync(node, job)).ShouldContain("\"attempt\":2");
        (await node.Http.GetStringAsync($"/v1/jobs/{job}/result", TestContext.Current.CancellationToken)).ShouldBe(Whole(40));
        (await node.Http.GetStringAsync($"/v1/jobs/{job}/attempts", TestContext.Current.CancellationToken)).ShouldContain("\"crashed\"");
    }

    [Fact(Timeout = 120_000)]
    public async Task A_worker_that_sleeps_past_its_lease_writes_nothing_of_what_another_took_over()
    {
        await using var node = await StartAsync();
        await using var first = PythonWorker.Start("dictation.py", "first", AddressOf(node));
        var job = await node.AcceptedAsync("dictate", """{"pieces":60,"pause":0.05}""");
        await first.SaysAsync($"begins {job} 1");

        first.Send(Signal.Stop);
        await using var second = PythonWorker.Start("dictation.py", "second", AddressOf(node));
        await Ends.OfAsync(node, job);
        var before = Everything();
        first.Send(Signal.Continue);
        await first.SaysAsync($"stops {job} 1");
        // It is of use again, under a new lease.
        second.Send(Signal.Terminate);
        await second.EndAsync();
        var next = await node.AcceptedAsync("dictate", """{"pieces":2,"pause":0}""");
        await first.SaysAsync($"begins {next} 1");
        await Ends.OfAsync(node, next);

        Everything(before: next).ShouldBe(before);
        (await node.Http.GetStringAsync($"/v1/jobs/{job}/result", TestContext.Current.CancellationToken)).ShouldBe(Whole(60));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_worker_stops_what_is_cancelled_and_hands_back_what_it_leaves()
    {
        await using var node = await StartAsync();
        await using var first = PythonWorker.Start("dictation.py", "first", AddressOf(node));
        var cancelled = await node.AcceptedAsync("ponder");
        var left = await node.AcceptedAsync("ponder");
        await first.SaysAsync($"begins {cancelled} 1");
        await first.SaysAsync($"begins {left} 1");

        using (await node.Http.PostAsync($"/v1/jobs/{cancelled}/cancel", null, TestContext.Current.CancellationToken)) await first.SaysAsync($"stops {cancelled} 1");
        first.Send(Signal.Terminate);
        await first.SaysAsync("ends");
        await first.EndAsync();

        await using var second = PythonWorker.Start("dictation.py", "second", AddressOf(node));
        await second.SaysAsync($"begins {left} 2");
        (await node.Http.GetStringAsync($"/v1/jobs/{left}/attempts", TestContext.Current.CancellationToken)).ShouldContain("\"handed-back\"");
        Checker.Ask(_data, "SELECT CAST(crashes + failures AS TEXT) FROM queue").ShouldBe(["0"]);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_node_that_is_killed_takes_nothing_from_a_worker_with_it()
    {
        var node = await StartAsync();
        await using var worker = PythonWorker.Start("dictation.py", "first", AddressOf(node));
        var job = await node.AcceptedAsync("dictate", """{"pieces":80,"pause":0.05}""");
        var shown = new List<ServerEvent>();
        await foreach (var entry in node.EventsAsync(job))
        {
            shown.Add(entry);
            if (shown.Count(entry => entry.Name is "delta") == 5) await node.KillAsync();
        }
        var address = AddressOf(node);
        await node.DisposeAsync();

        await using var again = await StartAsync(("HEADWAY_LISTEN", address));
        await foreach (var entry in again.EventsAsync(job, shown.Max(entry => entry.Id))) shown.Add(entry);

        Text(shown).ShouldBe(Whole(80));
        NoGap(shown);
        (await Ends.OfAsync(again, job)).ShouldContain("\"attempt\":1");
    }

    [Fact(Timeout = 120_000)]
    public async Task Of_two_nodes_one_is_killed_and_the_worker_goes_on_with_the_other()
    {
        var address = PostgresCluster.Shared.NewDatabase();
        (string, string)[] shared = [("HEADWAY_DATABASE", address), ("HEADWAY_MASTER_KEY", Convert.ToBase64String(new byte[32]))];
        await using var one = await StartAsync([.. shared, ("HEADWAY_CRASH_EFFECTS", Path.Combine(_data.Root, "effects-1"))]);
        await using var other = await StartAsync([.. shared, ("HEADWAY_CRASH_EFFECTS", Path.Combine(_data.Root, "effects-2"))]);
        await using var worker = PythonWorker.Start("dictation.py", "first", AddressOf(one), AddressOf(other));
        var job = await one.AcceptedAsync("dictate", """{"pieces":60,"pause":0.05}""");

        var shown = new List<ServerEvent>();
        await foreach (var entry in other.EventsAsync(job))
        {
            shown.Add(entry);
            if (shown.Count(entry => entry.Name is "delta") == 5) await one.KillAsync();
        }

        Text(shown).ShouldBe(Whole(60));
        NoGap(shown);
        (await Ends.OfAsync(other, job)).ShouldContain("\"attempt\":1");
        await using var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={new Uri(address).Port};Username=headway;Database={new Uri(address).AbsolutePath[1..]}");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var count = new NpgsqlCommand("SELECT count(*) FROM attempts", connection);
        Convert.ToInt64(await count.ExecuteScalarAsync(TestContext.Current.CancellationToken), CultureInfo.InvariantCulture).ShouldBe(0);
    }

    [Fact(Timeout = 120_000)]
    public async Task The_sample_does_what_it_says()
    {
        foreach (var name in new[] { "headway.yaml", "count.json" }) File.Copy(Path.Combine(AppContext.BaseDirectory, "Python", name), Path.Combine(_data.Root, name));
        await using var node = await StartAsync();
        await using var worker = PythonWorker.Start("note_worker.py", AddressOf(node));

        using var counted = await node.CallAsync("count", """{"note":"Two words"}""");
        (await counted.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe("""{"words": 2, "letters": 8}""");
        var shortened = await node.AcceptedAsync("shorten", """{"note":"one two three"}""");
        await Ends.OfAsync(node, shortened);
        (await node.Http.GetStringAsync($"/v1/jobs/{shortened}/result", TestContext.Current.CancellationToken)).ShouldBe("one two three ");
        var empty = await node.AcceptedAsync("shorten", """{"note":" "}""");
        (await Ends.OfAsync(node, empty)).ShouldContain("\"note-empty\"");
    }

    private static string Text(IEnumerable<ServerEvent> shown)
    {
        return string.Concat(shown.Where(entry => entry.Name is "delta").Select(entry =>
        {
            using var data = JsonDocument.Parse(entry.Data);
            return data.RootElement.GetProperty("text").GetString();
        }));
    }

    // Within an attempt each id follows the one before.
    private static void NoGap(IEnumerable<ServerEvent> shown)
    {
        var ids = shown.Where(entry => entry.Name is "delta" or "restart" or "progress").Select(entry => entry.Id!.Value).ToList();
        foreach (var (before, after) in ids.Zip(ids.Skip(1))) (after == before + 1 || after == ((before / 1_000_000) + 1) * 1_000_000).ShouldBeTrue($"{after} after {before}");
    }

    // Of all jobs, but for one that came later.
    private string Everything(string before = "job_ffffffffffffffffffffffffffffffff")
    {
        var end = before["job_".Length..].ToUpperInvariant();
        return string.Join('\n', Checker.Ask(_data, $"SELECT hex(id) || ' ' || state || ' ' || attempt || ' ' || failures || ' ' || finished FROM jobs WHERE hex(id) < '{end}' ORDER BY id")
            .Concat(Checker.Ask(_data, $"SELECT hex(job) || ' ' || first || ' ' || last || ' ' || hex(body) FROM stream_log WHERE hex(job) < '{end}' ORDER BY job, first"))
            .Concat(Checker.Ask(_data, $"SELECT hex(job) || ' ' || id || ' ' || action FROM audit_events WHERE hex(job) < '{end}' ORDER BY job, id")));
    }

    public void Dispose() => _data.Dispose();
}
