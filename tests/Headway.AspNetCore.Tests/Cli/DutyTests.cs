using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Headway.Tests.Storage;

namespace Headway.AspNetCore.Tests.Cli;

/// <summary>Nodes that share the work of one database: real processes, a real PostgreSQL server.</summary>
public sealed class DutyTests : IDisposable
{
    private const string Features = """
        models:
          practice: { provider: rehearsal, firstToken: { p50: 1ms, p99: 2ms }, tokensPerSecond: 20000 }
        features:
          later: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: { prompt: later.hbs, models: [practice] } }
          summary: { contract: { mode: sync }, handler: { prompt: later.hbs, models: [practice] } }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("headway-duty-").FullName;
    private readonly HttpClient _http = new();

    public DutyTests()
    {
        File.WriteAllText(Path.Combine(_folder, "headway.yaml"), Features);
        File.WriteAllText(Path.Combine(_folder, "later.hbs"), "Summarise: {{text}}");
    }

    [Theory]
    [InlineData("--duty waiter", 2, "'waiter' is no duty of a node. Say api, worker, or api,worker.")]
    [InlineData("--duty api --pools later", 2, "Pools are for a node that works")]
    [InlineData("--duty worker", 4, "A database that is a file has one node")]
    [InlineData("--pools latter", 4, "There is no pool 'latter'")]
    public async Task A_duty_that_cannot_be_is_refused_in_words(string words, int code, string why)
    {
        var serve = await CommandLine.RunAsync(["serve", "--file", Path.Combine(_folder, "headway.yaml"), "--listen", "http://127.0.0.1:0", .. words.Split(' ')]);

        serve.Code.ShouldBe(code);
        serve.Error.ShouldContain(why);
    }

    [Fact]
    public async Task One_node_takes_calls_and_another_that_comes_later_carries_them_out()
    {
        var database = PostgresCluster.Shared.NewDatabase();
        using var front = Start($"--duty api --database {database}");
        using var _ = new Ending(front);
        var address = await AddressOfAsync(front);
        var answer = await _http.PostAsync($"{address}/v1/features/later", Json("""{"text":"Ibuprofen twice a day."}"""), TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var job = await IdOfAsync(answer);
        // Whose caller is there runs where it comes in.
        (await _http.PostAsync($"{address}/v1/features/summary", Json("""{"text":"x"}"""), TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);

        using var worker = Start($"--duty worker --pools later --database {database}");
        using var __ = new Ending(worker);
        var other = await AddressOfAsync(worker);

        using var waited = new HttpRequestMessage(HttpMethod.Get, $"{address}/v1/jobs/{job}") { Headers = { { "Prefer", "wait=20" } } };
        (await _http.SendAsync(waited, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var ended = await _http.GetAsync($"{address}/v1/jobs/{job}/result", TestContext.Current.CancellationToken);
        ended.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await ended.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("Ibuprofen");
        (await _http.GetAsync($"{other}/health/ready", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var refused = await _http.PostAsync($"{other}/v1/features/later", Json("{}"), TestContext.Current.CancellationToken);
        refused.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("duty api");
        foreach (var process in new[] { front, worker })
        {
            using (var terminate = Process.Start("kill", $"-TERM {process.Id}")) await terminate.WaitForExitAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            process.ExitCode.ShouldBe(0);
        }
    }

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    private static async Task<string> IdOfAsync(HttpResponseMessage answer)
    {
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return json.RootElement.GetProperty("id").GetString()!;
    }

    private Process Start(string words)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Headway.Server"), $"serve --file {Path.Combine(_folder, "headway.yaml")} --listen http://127.0.0.1:0 {words}")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HEADWAY_MASTER_KEY"] = Convert.ToBase64String(new byte[32]);
        return Process.Start(start)!;
    }

    private static async Task<string> AddressOfAsync(Process serve)
    {
        var errors = serve.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var greeting = await serve.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        greeting.ShouldNotBeNull(greeting is null ? await errors : null);
        return greeting[(greeting.LastIndexOf(' ') + 1)..];
    }

    private sealed class Ending(Process process) : IDisposable
    {
        public void Dispose()
        {
            if (!process.HasExited) process.Kill();
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
