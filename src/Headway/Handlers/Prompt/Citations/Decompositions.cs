using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Headway.Handlers.Prompt.Citations;

/// <summary>Compatibility decomposition (NFKD of Unicode): ligatures, wide and raised letters, letters with their accents.</summary>
/// <remarks>A table of our own: this program runs without the data of a culture, and there string.Normalize gives everything back as it came.</remarks>
internal static class Decompositions
{
    private static readonly FrozenDictionary<int, string> Table = Read();

    /// <summary>What a character becomes; null: it stays.</summary>
    public static string? Of(Rune rune) => rune.Value < FirstChanged ? null : Table.GetValueOrDefault(rune.Value);

    /// <summary>Every character before this one stays.</summary>
    private const int FirstChanged = 0xA0;

    private static FrozenDictionary<int, string> Read()
    {
        var table = new Dictionary<int, string>();
        using var stream = typeof(Decompositions).Assembly.GetManifestResourceStream("Handlers/Prompt/Citations/Decompositions.txt")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            var parts = line.Split(' ');
            var range = parts[0].Split('-').Select(Point).ToArray();
            for (var i = 0; i <= range[^1] - range[0]; i++)
                table.Add(range[0] + i, string.Concat(parts.Skip(1).Select(part => new Rune(Point(part) + i).ToString())));
        }

        return table.ToFrozenDictionary();
    }

    private static int Point(string hex) => int.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
