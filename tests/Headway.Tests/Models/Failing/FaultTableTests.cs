using System.Globalization;
using Headway.Upstream.Failing;

namespace Headway.Tests.Models.Failing;

/// <summary>Every fault of a model under every contract: what the caller saw, what was recorded and spent, how often the upstream was asked, in what time.</summary>
/// <remarks>The page docs/model-failures.md shows what is seen here, row by row; what holds for every case is asserted beside it.</remarks>
public sealed class FaultTableTests
{
    private const string NoServer = "no server";

    private static readonly (string Says, string Feature, string Contract, string First, string? Second)[] Columns =
    [
        ("sync, alone", "sync-alone", "contract: { mode: sync, caller: waits, output: prose }, fallback: none", "a", null),
        ("sync, another model", "sync-two", "contract: { mode: sync, caller: waits, output: prose }", "b", "b2"),
        ("stream, alone", "stream-alone", "contract: { mode: stream, caller: converses, output: prose }, fallback: none", "c", null),
        ("stream, another model", "stream-two", "contract: { mode: stream, caller: converses, output: prose }", "d", "d2"),
        ("stream held, another model", "stream-held", "contract: { mode: stream, caller: converses, output: prose }", "e", "e2"),
        ("async, alone, 2 attempts", "async-alone", "contract: { mode: async, caller: leaves, deliverWithin: 10m, output: prose }, retry: { attempts: 2, backoff: 1s..2s }, fallback: none", "f", null),
    ];

    public static TheoryData<string> Names => [.. FaultList.All.Select(fault => fault.Name).Append(NoServer)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Each_fault_is_seen_recorded_and_paid_as_the_page_says(string name)
    {
        var fault = FaultList.All.SingleOrDefault(fault => fault.Name == name);
        var cells = new List<string>();
        await using var bench = await StartAsync(isNowhere: fault is null);
        foreach (var column in Columns)
        {
            bench.Models.Let(column.First, fault ?? FaultList.Right);

            var seen = await bench.CallAsync(column.Feature);

            var calls = bench.Models.Calls.Where(call => call.Model == column.First || call.Model == column.Second).ToArray();
            await Honesty.HoldsAsync(bench, seen, calls, $"{name}, {column.Says}");
            if (column.Feature != "async-alone") seen.Took.ShouldBeLessThanOrEqualTo(Bench.Attempt, name);
            cells.Add(Cell(bench, column, seen));
        }
        var row = $"| {name} | {string.Join(" | ", cells)} |";

        File.ReadAllText(Repository.PathOf("docs/model-failures.md")).ShouldContain(row + "\n", customMessage: row);
    }

    [Fact]
    public void The_page_has_no_row_that_nobody_holds()
    {
        var page = File.ReadAllText(Repository.PathOf("docs/model-failures.md"));
        var table = page[page.IndexOf($"| fault | {string.Join(" | ", Columns.Select(column => column.Says))} |", StringComparison.Ordinal)..].Split("\n\n")[0];

        table.Split('\n').Skip(2).Select(row => row.Split(" | ")[0][2..]).ShouldBe(Names.Select(row => row.Data));
    }

    private static Task<Bench> StartAsync(bool isNowhere) => Bench.StartAsync(
        Columns.SelectMany(column => new[] { column.First, column.Second }).OfType<string>(), Columns.Select(FeatureOf), isNowhere ? [.. Columns.Select(column => column.First)] : []);

    private static string FeatureOf((string Says, string Feature, string Contract, string First, string? Second) column)
    {
        var hold = column.Feature == "stream-held" ? ", stream: hold" : "";
        return $$"""{{column.Feature}}: { {{column.Contract}}, handler: { prompt: ask.hbs, models: [{{column.First}}{{(column.Second is null ? "" : ", " + column.Second)}}]{{hold}} }, timeout: 30019ms }""";
    }

    private static string Cell(Bench bench, (string Says, string Feature, string Contract, string First, string? Second) column, Seen seen)
    {
        var first = bench.Models.Calls.Count(call => call.Model == column.First);
        var told = seen.Answer is { } answer
            ? answer == new Reply(column.First).Text ? "answers" : "the other answers"
            : (seen.Shown.Length > 0 ? "half of it, then " : "") + $"`{seen.Code}`" + (seen.RetryAfter is { } pause ? string.Create(CultureInfo.InvariantCulture, $", Retry-After {Math.Ceiling(pause.TotalSeconds)}") : "");
        var calls = first == 1 ? "" : $", {first} calls";
        return told + calls + (column.Feature == "async-alone" ? "" : Time(seen.Took));
    }

    // In steps: pauses are spread by chance.
    private static string Time(TimeSpan took) => took.TotalSeconds switch { 0 => "", <= 1 => ", ≤ 1 s", <= 10 => ", ≤ 10 s", _ => ", ≤ 30 s" };
}
