namespace Headway.Storage.Postgres;

/// <summary>A statement as PostgreSQL reads it, and what can be told from its text. Two are the same only if they are one object: statements are compared all the time.</summary>
/// <param name="isSet">
/// It takes many at once: each parameter is an array with one element for each time it is asked, taken apart by `unnest($1, …)`. One that gives rows gives the
/// number of the element, from 1, as the last column (`WITH ORDINALITY`); one that does not says nothing about how many rows each has touched.
/// </param>
/// <param name="givesRows">The server answers with rows, even if there are none.</param>
internal sealed class PostgresText(string text, bool isSet, bool givesRows)
{
    public string Text => text;

    public bool IsSet => isSet;

    public bool GivesRows => givesRows;

    public static PostgresText Of(string text)
    {
        var lines = text.Split('\n').Select(line => line.TrimStart()).Where(line => line.Length > 0 && !line.StartsWith("--", StringComparison.Ordinal));
        var words = string.Join('\n', lines);
        var gives = words.StartsWith("SELECT", StringComparison.Ordinal) || words.StartsWith("EXPLAIN", StringComparison.Ordinal) || words.Contains("RETURNING", StringComparison.Ordinal);
        return new PostgresText(words, words.Contains("unnest($", StringComparison.Ordinal), gives);
    }
}
