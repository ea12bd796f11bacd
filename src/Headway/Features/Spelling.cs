namespace Headway.Features;

/// <summary>Finds what somebody probably meant.</summary>
internal static class Spelling
{
    /// <summary>The known word nearest to <paramref name="word"/>, or null when none is near enough to be worth saying.</summary>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        var tolerance = word.Length < 4 ? 1 : Math.Max(2, word.Length / 3);
        return known
            .Select(candidate => (candidate, distance: Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant())))
            .Where(near => near.distance <= tolerance)
            .OrderBy(near => near.distance)
            .Select(near => near.candidate)
            .FirstOrDefault();
    }

    /// <summary>A half-sentence to end a message with: the nearest word, else the whole list when it is short.</summary>
    public static string Hint(string word, IReadOnlyCollection<string> known) => Nearest(word, known) is { } nearest
        ? $"did you mean '{nearest}'?"
        : known.Count == 0 ? "there are none." : $"known: {string.Join(", ", known)}.";

    /// <summary>Edits between two words, a swap of neighbours counted once (optimal string alignment).</summary>
    internal static int Distance(string left, string right)
    {
        var rows = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
            rows[i, 0] = i;
        for (var j = 0; j <= right.Length; j++)
            rows[0, j] = j;

        for (var i = 1; i <= left.Length; i++)
        {
            for (var j = 1; j <= right.Length; j++)
            {
                var change = left[i - 1] == right[j - 1] ? 0 : 1;
                var best = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + change);
                if (i >= 2 && j >= 2 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                    best = Math.Min(best, rows[i - 2, j - 2] + 1);
                rows[i, j] = best;
            }
        }

        return rows[left.Length, right.Length];
    }
}
