using Headway.Upstream.Failing;

namespace Headway.Tests.Models.Failing;

/// <summary>The tables of docs/model-failures.md: what every API has in common, what is otherwise with one of them, and what is otherwise in one piece.</summary>
internal static class FaultPage
{
    private static readonly IReadOnlyDictionary<string, string>[] Tables = Read();

    /// <summary>How the rows of a table may be named that tell of a fault: the first that is there counts.</summary>
    public static IReadOnlyList<(int Table, string Name)> NamesOf(string fault, Dialect dialect, bool streams)
    {
        var own = $"{fault} ({ApiOf(dialect)})";
        (int, string)[] names = [(2, own), (2, fault), (1, own), (0, fault)];
        return [.. names.Where(name => !streams || name.Item1 < 2).Where(name => Tables[name.Item1].ContainsKey(name.Item2))];
    }

    /// <summary>The cells of a row.</summary>
    public static string Row((int Table, string Name) name) => Tables[name.Table][name.Name];

    public static IEnumerable<(int Table, string Name)> All => Tables.SelectMany((table, i) => table.Keys.Select(name => (i, name)));

    /// <summary>The row that a fault would have without one of its own.</summary>
    public static string? RowBeneath(IReadOnlyList<(int Table, string Name)> names) => names.Count > 1 ? Row(names[1]) : null;

    private static string ApiOf(Dialect dialect) => dialect is AnthropicDialect ? "Messages API" : "OpenAI API";

    private static Dictionary<string, string>[] Read()
    {
        var head = $"| fault | {string.Join(" | ", FaultTable.Columns.Select(column => column.Says))} |";
        return [.. File.ReadAllText(Repository.PathOf("docs/model-failures.md")).Split(head).Skip(1)
            .Select(table => table.Split("\n\n")[0].Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(row => row.Trim('|', ' ').Split(" | ", 2)).ToDictionary(row => row[0], row => row[1]))];
    }
}
