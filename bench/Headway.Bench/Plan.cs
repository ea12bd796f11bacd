using System.Globalization;

namespace Headway.Bench;

/// <summary>What to measure, how long and how often.</summary>
/// <param name="Callers">At once, one figure for each.</param>
/// <param name="History">Finished jobs in an aged database.</param>
/// <param name="DiskDelay">What each wait for the disk takes more; null: nothing.</param>
internal sealed record Plan(IReadOnlyList<string> Sections, TimeSpan Duration, int Rounds, IReadOnlyList<int> Callers, int History, TimeSpan? DiskDelay, string? Out)
{
    private static readonly int[] FewToMany = [1, 64, 256];

    public bool Has(string section) => Sections.Count == 0 || Sections.Contains(section);

    /// <summary>A part of a section alone, asked for as `section-part`; or with its section.</summary>
    public bool Has(string section, string part) => Has(section) || Has($"{section}-{part}");

    /// <summary>Whether anything of a section was asked for.</summary>
    public bool HasAny(string section) => Has(section) || Sections.Any(asked => asked.StartsWith($"{section}-", StringComparison.Ordinal));

    public static Plan Parse(string[] args)
    {
        var sections = new List<string>();
        var (seconds, rounds, callers, history, disk, file) = (3.0, 3, FewToMany, 1_000_000, (TimeSpan?)null, (string?)null);
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--seconds") seconds = double.Parse(args[++i], CultureInfo.InvariantCulture);
            else if (args[i] == "--rounds") rounds = int.Parse(args[++i], CultureInfo.InvariantCulture);
            else if (args[i] == "--callers") callers = [.. args[++i].Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
            else if (args[i] == "--history") history = int.Parse(args[++i], CultureInfo.InvariantCulture);
            else if (args[i] == "--disk") disk = TimeSpan.FromMilliseconds(double.Parse(args[++i], CultureInfo.InvariantCulture));
            else if (args[i] == "--out") file = args[++i];
            else sections.Add(args[i]);
        }
        return new Plan(sections, TimeSpan.FromSeconds(seconds), rounds, callers, history, disk, file);
    }

    /// <summary>Measures each in turn, several times, after one short warm-up each, and gives the round with the median rate.</summary>
    public async Task<Measured[]> InTurnAsync(params Func<TimeSpan, Task<Measured>>[] subjects)
    {
        foreach (var subject in subjects) await subject(Duration / 3);
        var rounds = subjects.Select(_ => new List<Measured>()).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < subjects.Length; i++) rounds[i].Add(await subjects[i](Duration));
        }
        return [.. rounds.Select(Load.Median)];
    }
}
