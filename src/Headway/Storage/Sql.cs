using System.Reflection;
using System.Text;
using Headway.Storage.Postgres;

namespace Headway.Storage;

/// <summary>
/// One SQL statement, from a file beside the code that uses it. Parameters are $1, $2, … in order of first use, which both databases read alike. Where
/// they differ there are two files, `X.sqlite.sql` or `X.sql`, and `X.postgres.sql`.
/// </summary>
internal sealed class Sql
{
    private static readonly Assembly Home = typeof(Sql).Assembly;

    private readonly string _postgres;

    private Sql(string name, string text, string? postgres)
    {
        _postgres = postgres ?? text;
        Name = name;
        Text = text;
        Utf8 = Encoding.UTF8.GetBytes(text + "\0");
        Postgres = PostgresText.Of(postgres ?? text);
    }

    public string Name { get; }

    /// <summary>As SQLite reads it.</summary>
    public string Text { get; }

    /// <summary>With the closing zero that SQLite asks for.</summary>
    public byte[] Utf8 { get; }

    public PostgresText Postgres { get; }

    /// <summary>For a text that is built from this one.</summary>
    public string For(SqlDialect dialect) => dialect is SqlDialect.Postgres ? _postgres : Text;

    /// <param name="path">Path below src/Headway without ending, such as `Jobs/Storage/Claim`.</param>
    public static Sql At(string path)
    {
        var shared = Resource($"{path}.sqlite.sql") ?? Resource($"{path}.sql") ?? throw new InvalidOperationException($"No SQL file {path}.sql is embedded.");
        return new Sql(shared, Read(shared), Resource($"{path}.postgres.sql") is { } postgres ? Read(postgres) : null);
    }

    /// <summary>A statement made of another's text, read alike by both.</summary>
    public static Sql Of(string name, string text) => new(name, text, null);

    public static string Read(string resource)
    {
        using var stream = Home.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static string? Resource(string name) => Home.GetManifestResourceInfo(name) is null ? null : name;
}
