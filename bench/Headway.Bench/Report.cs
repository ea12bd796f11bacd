using System.Globalization;
using System.Text;

namespace Headway.Bench;

/// <summary>The tables of one run, with what they were measured on. A figure whose counts do not agree with the database is void.</summary>
internal sealed class Report(Plan plan, string sqlite)
{
    private readonly StringBuilder _tables = new();
    private readonly string _load = LoadNow();

    public bool IsVoid { get; private set; }

    public void Section(string title, string explanation, string columns)
    {
        Console.Error.WriteLine(title);
        _tables.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"## {title}").AppendLine().AppendLine(explanation).AppendLine();
        _tables.AppendLine(CultureInfo.InvariantCulture, $"| {columns} |").AppendLine(CultureInfo.InvariantCulture, $"|{string.Concat(columns.Split('|').Select(_ => "---|"))}");
    }

    public void Row(params string[] cells)
    {
        Console.Error.WriteLine("  " + string.Join("  ", cells));
        _tables.AppendLine(CultureInfo.InvariantCulture, $"| {string.Join(" | ", cells)} |");
    }

    /// <summary>What a reader of the tables must know of this run.</summary>
    public void Note(string text)
    {
        _tables.AppendLine().AppendLine(text);
        Console.Error.WriteLine($"  {text}");
    }

    /// <summary>Compares what callers counted with what the database holds.</summary>
    public void Verify(string what, long calls, long rows)
    {
        if (calls == rows) return;
        IsVoid = true;
        _tables.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"**VOID**: {what}: {calls} calls, {rows} rows.");
        Console.Error.WriteLine($"  VOID: {what}: {calls} calls, {rows} rows");
    }

    public string ToMarkdown() => string.Create(CultureInfo.InvariantCulture,
        $"""
        # Measured {TimeProvider.System.GetUtcNow():yyyy-MM-dd}

        `dotnet run -c Release --project bench/Headway.Bench{(plan.Sections.Count == 0 ? "" : " -- " + string.Join(' ', plan.Sections))}`: {plan.Rounds} rounds of {plan.Duration.TotalSeconds:0.#} s in turn, medians.{(plan.DiskDelay is { } disk ? $" Each wait for the disk takes {disk.TotalMilliseconds:0.#} ms longer." : "")}
        {Environment.ProcessorCount} cores shared by load generator, upstream and server in one process; .NET {Environment.Version}; SQLite {sqlite}, WAL, synchronous=FULL.
        Load average when it began: {_load}. Beside other work the figures are low and uneven, the limits' most of all.
        Absolute values move from machine to machine: the ratios are what counts. "Limit" is a minimal program that does only the durable writes or only the copying.

        """) + _tables;

    private static string LoadNow() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    /// <summary>Empty for what was not measured, as the other two.</summary>
    public static string Number(double? value) => value?.ToString(value < 100 ? "0.##" : "#,0", CultureInfo.InvariantCulture) ?? "";

    public static string Ratio(double? value) => value?.ToString("0.00", CultureInfo.InvariantCulture) ?? "";

    public static string Time(TimeSpan? span) => span is { } measured ? measured.TotalMilliseconds.ToString("0.00", CultureInfo.InvariantCulture) + " ms" : "";
}
