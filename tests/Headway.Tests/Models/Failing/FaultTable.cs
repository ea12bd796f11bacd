using System.Globalization;
using Headway.Upstream.Failing;

namespace Headway.Tests.Models.Failing;

/// <summary>A node that calls models of one API which fail in every way, under every contract.</summary>
/// <remarks>One node for all: each fault has models and features of its own, and nothing of one is left for the next but the clock.</remarks>
internal sealed class FaultTable : IAsyncDisposable
{
    public const string NoServer = "no server";

    public static readonly (string Says, string Contract, bool HasNext)[] Columns =
    [
        ("sync, alone", "contract: { mode: sync, caller: waits, output: prose }, fallback: none", false),
        ("sync, another model", "contract: { mode: sync, caller: waits, output: prose }", true),
        ("stream, alone", "contract: { mode: stream, caller: converses, output: prose }, fallback: none", false),
        ("stream, another model", "contract: { mode: stream, caller: converses, output: prose }", true),
        ("stream held, another model", "contract: { mode: stream, caller: converses, output: prose }", true),
        ("async, alone, 2 attempts", "contract: { mode: async, caller: leaves, deliverWithin: 10m, output: prose }, retry: { attempts: 2, backoff: 1s..2s }, fallback: none", false),
    ];

    private readonly Bench _bench;
    private readonly IReadOnlyList<Fault?> _faults;
    private readonly bool _streams;

    private FaultTable(Bench bench, IReadOnlyList<Fault?> faults, bool streams) => (_bench, _faults, _streams) = (bench, faults, streams);

    /// <summary>The faults that models of an API can do; null: there is no server.</summary>
    public static IReadOnlyList<Fault?> FaultsOf(Dialect dialect, bool streams) => [.. FaultList.All.Concat(dialect.Own).Where(fault => streams || !fault.OfPieces), null];

    /// <param name="streams">False: the models answer in one piece, although they were asked for a stream.</param>
    public static async Task<FaultTable> StartAsync(Dialect dialect, bool streams)
    {
        var faults = FaultsOf(dialect, streams);
        var cases = faults.SelectMany((fault, row) => Columns.Select((column, i) => (Fault: fault, Column: column, Row: row, Index: i))).ToArray();
        var bench = await Bench.StartAsync(
            dialect,
            cases.SelectMany(one => one.Column.HasNext ? new[] { First(one.Row, one.Index), Second(one.Row, one.Index) } : [First(one.Row, one.Index)]),
            cases.Select(one => FeatureOf(one.Row, one.Index)),
            [.. cases.Where(one => one.Fault is null).Select(one => First(one.Row, one.Index))]);
        return new FaultTable(bench, faults, streams);
    }

    /// <summary>Plays one fault under every contract.</summary>
    /// <returns>The row of the table.</returns>
    public async Task<string> PlayAsync(string name)
    {
        var row = Enumerable.Range(0, _faults.Count).Single(i => (_faults[i]?.Name ?? NoServer) == name);
        var cells = new List<string>();
        for (var i = 0; i < Columns.Length; i++)
        {
            _bench.Models.Let(First(row, i), _streams, _faults[row] ?? FaultList.Right);
            _bench.Models.Let(Second(row, i), _streams, FaultList.Right);

            var seen = await _bench.CallAsync(Feature(row, i));

            var calls = _bench.Models.Calls.Where(call => call.Model == First(row, i) || call.Model == Second(row, i)).ToArray();
            await Honesty.HoldsAsync(_bench, seen, calls, $"{name}, {Columns[i].Says}");
            if (!IsAsync(i)) seen.Took.ShouldBeLessThanOrEqualTo(Bench.Attempt, name);
            cells.Add(Cell(seen, First(row, i), calls.Count(call => call.Model == First(row, i)), IsAsync(i)));
        }
        return string.Join(" | ", cells);
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private static string FeatureOf(int row, int column)
    {
        var (says, contract, hasNext) = Columns[column];
        var hold = says.Contains("held", StringComparison.Ordinal) ? ", stream: hold" : "";
        return $$"""{{Feature(row, column)}}: { {{contract}}, handler: { prompt: ask.hbs, models: [{{First(row, column)}}{{(hasNext ? ", " + Second(row, column) : "")}}]{{hold}} }, timeout: 30019ms }""";
    }

    private static string Feature(int row, int column) => $"f{row}c{column}";

    private static string First(int row, int column) => $"m{row}c{column}a";

    private static string Second(int row, int column) => $"m{row}c{column}b";

    private static bool IsAsync(int column) => Columns[column].Says.StartsWith("async", StringComparison.Ordinal);

    private static string Cell(Seen seen, string first, int calls, bool isAsync)
    {
        var told = seen.Answer is { } answer
            ? answer == new Reply(first).Text ? "answers" : "the other answers"
            : (seen.Shown.Length > 0 ? "half of it, then " : "") + $"`{seen.Code}`" + (seen.RetryAfter is { } pause ? string.Create(CultureInfo.InvariantCulture, $", Retry-After {Math.Ceiling(pause.TotalSeconds)}") : "");
        return told + (calls == 1 ? "" : $", {calls} calls") + (isAsync ? "" : Time(seen.Took));
    }

    // In steps: pauses are spread by chance.
    private static string Time(TimeSpan took) => took.TotalSeconds switch { 0 => "", <= 1 => ", ≤ 1 s", <= 10 => ", ≤ 10 s", _ => ", ≤ 30 s" };
}
