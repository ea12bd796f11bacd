using Headway.Upstream.Failing;

namespace Headway.Tests.Models.Failing;

/// <summary>Faults in any order, on chains of one to three models, in any mode: what holds of every call holds of these.</summary>
public sealed class FaultPropertyTests
{
    private static readonly Dialect[] Dialects = [new OpenAiDialect(), new AnthropicDialect()];

    // Two pauses that end a second apart look to the bench's clock like a beat of the engine.
    private static readonly Fault[] Faults = [.. FaultList.All.Where(fault => fault.Name != "503, Retry-After: 7")];

    private static readonly (string Name, string Contract, string Handler)[] Features =
    [
        ("sync", "contract: { mode: sync, caller: waits, output: prose }", ""),
        ("stream", "contract: { mode: stream, caller: converses, output: prose }", ""),
        ("held", "contract: { mode: stream, caller: converses, output: prose }", ", stream: hold"),
        ("async", "contract: { mode: async, caller: leaves, deliverWithin: 10m, output: prose }, retry: { attempts: 2, backoff: 1s..2s }", ""),
    ];

    [Fact]
    public void No_order_of_faults_makes_a_call_dishonest() => Property.Check(random => Task.Run(() => PlayAsync(random)).GetAwaiter().GetResult(), cases: 25);

    [Fact]
    public Task Nor_does_one_whose_pause_is_as_long_as_a_beat_of_the_engine() => PlayAsync(new Random(52));

    private static async Task PlayAsync(Random random)
    {
        var dialect = Dialects[random.Next(Dialects.Length)];
        var models = Enumerable.Range(0, random.Next(1, 4)).Select(i => $"m{i}").ToArray();
        var fallback = models.Length == 1 ? ", fallback: none" : "";
        await using var bench = await Bench.StartAsync(dialect, models, Features.Select(feature =>
            $$"""{{feature.Name}}: { {{feature.Contract}}{{fallback}}, handler: { prompt: ask.hbs, models: [{{string.Join(", ", models)}}]{{feature.Handler}} }, timeout: 30019ms }"""));
        var plan = new List<string>();
        foreach (var model in models)
        {
            var faults = Enumerable.Range(0, random.Next(1, 5)).Select(_ => Draw(random, dialect)).ToArray();
            var streams = random.Next(3) > 0;
            bench.Models.Let(model, streams, faults);
            plan.Add($"{model}{(streams ? "" : " (whole)")}: {string.Join("; ", faults.Select(fault => fault.Name))}");
        }
        for (var call = random.Next(1, 5); call > 0; call--)
        {
            var feature = Features[random.Next(Features.Length)].Name;
            var before = bench.Models.Calls.Count;
            var at = $"{dialect.Provider}, {feature} after {before} calls, {string.Join(" | ", plan)}";

            var seen = await bench.CallAsync(feature);

            await Honesty.HoldsAsync(bench, seen, [.. bench.Models.Calls.Skip(before)], at);
            if (feature != "async") seen.Took.ShouldBeLessThanOrEqualTo(Bench.Attempt, at);
        }
    }

    private static Fault Draw(Random random, Dialect dialect) => random.Next(4) switch
    {
        0 => FaultList.Right,
        1 => FaultList.CutAt(random.Next(1, 900)),
        2 when dialect.Own.Count > 0 && random.Next(3) == 0 => dialect.Own[random.Next(dialect.Own.Count)],
        _ => Faults[random.Next(Faults.Length)],
    };
}
