using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;

namespace Headway.AspNetCore.Tests.Cli;

/// <summary>What docs/compliance.md says that an auditor types is typed, and answers.</summary>
public sealed partial class ComplianceTests : IDisposable
{
    private const string Features = """
        server: { audit: { checkpoints: checkpoints.jsonl } }
        features: { work: { contract: { mode: async, caller: leaves, deliverWithin: 1h, data: phi }, handler: code, retention: 30d } }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("headway-compliance-").FullName;

    [Fact]
    public async Task Every_question_of_an_auditor_is_answered()
    {
        var first = await HeadwayHost.StartAsync(Features, Map);
        foreach (var patient in new[] { "patient/17", "patient/18" }) await EndedAsync(first, patient);
        // A node signs as it stops.
        await using var host = await first.RestartAsync(Map);
        File.Copy(Path.Combine(Path.GetDirectoryName(host.File)!, "checkpoints.jsonl"), Path.Combine(_folder, "checkpoints.jsonl"));

        var asked = Questions();
        asked.Count.ShouldBeGreaterThan(8);
        foreach (var words in asked)
        {
            var typed = await CommandLine.RunAsync([.. Words(words), "--server", host.Http.BaseAddress!.ToString()]);
            typed.Code.ShouldBe(0, $"{words}\n{typed.Out}{typed.Error}");
            if (words.EndsWith("audit key", StringComparison.Ordinal)) await File.WriteAllTextAsync(Path.Combine(_folder, "audit.pem"), typed.Out);
            if (words.EndsWith("--subject patient/17", StringComparison.Ordinal)) typed.Out.ShouldContain("delivered");
        }
        (await host.Http.GetStringAsync("/v1/jobs")).ShouldNotContain("patient/17");
    }

    private static async Task EndedAsync(HeadwayHost host, string subject)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/features/work") { Content = JsonContent.Create("x"), Headers = { { "Headway-Subject", subject } } };
        var job = (await host.Http.SendAsync(request)).Headers.Location!;
        using var wait = new HttpRequestMessage(HttpMethod.Get, job) { Headers = { { "Prefer", "wait=30" } } };
        (await (await host.Http.SendAsync(wait)).Content.ReadAsStringAsync()).ShouldContain("succeeded");
        (await host.Http.GetAsync(job + "/result")).EnsureSuccessStatusCode();
    }

    private static void Map(WebApplication app) => app.MapFeature<string, string>("work", (text, _, _) => Task.FromResult(text));

    private static List<string> Questions()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "compliance.md"));
        var questions = page[page.IndexOf("## Questions", StringComparison.Ordinal)..];
        return [.. Command().Matches(questions[..questions.IndexOf("\n## ", StringComparison.Ordinal)]).Select(match => match.Value)];
    }

    // Files lie in a folder of the test's own.
    private IEnumerable<string> Words(string line) => Word().Matches(line).Skip(1).Select(word => word.Groups["quoted"].Success ? word.Groups["quoted"].Value : word.Value)
        .Select(word => word.EndsWith(".jsonl", StringComparison.Ordinal) || word.EndsWith(".pem", StringComparison.Ordinal) ? Path.Combine(_folder, word) : word);

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Headway.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    [GeneratedRegex(@"headway [^\n`|]+$", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex("\"(?<quoted>[^\"]*)\"|[^ ]+")]
    private static partial Regex Word();

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
