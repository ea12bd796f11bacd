namespace Headway.Server.Screen;

/// <summary>Tab-separated rows under one row of names: what cut, awk and a spreadsheet read.</summary>
internal static class PlainTable
{
    public static void Write(TextWriter output, string[] names, IEnumerable<string[]> rows)
    {
        output.WriteLine(string.Join('\t', names));
        foreach (var row in rows) output.WriteLine(string.Join('\t', row.Select(OneLine)));
    }

    private static string OneLine(string cell) => cell.ReplaceLineEndings(" ").Replace('\t', ' ');
}
