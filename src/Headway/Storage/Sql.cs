using System.Reflection;
using System.Text;

namespace Headway.Storage;

/// <summary>One SQL statement, from a file beside the code that uses it. Parameters are $1, $2, … in order of first use, which both databases read alike.</summary>
internal sealed class Sql
{
    private static readonly Assembly Home = typeof(Sql).Assembly;

    private Sql(string name, string text)
    {
        Name = name;
        Text = text;
        Utf8 = Encoding.UTF8.GetBytes(text + "\0");
    }

    public string Name { get; }
    public string Text { get; }

    /// <summary>With the closing zero that SQLite asks for.</summary>
    public byte[] Utf8 { get; }

    /// <param name="path">Path below src/Headway without ending, such as `Jobs/Storage/Claim`. A file for one database (`.sqlite.sql`) wins over the shared one.</param>
    public static Sql At(string path)
    {
        var resource = new[] { $"{path}.sqlite.sql", $"{path}.sql" }.FirstOrDefault(name => Home.GetManifestResourceInfo(name) is not null)
            ?? throw new InvalidOperationException($"No SQL file {path}.sql is embedded.");
        return new Sql(resource, Read(resource));
    }

    /// <summary>A statement made of another's text and a fixed ending.</summary>
    public static Sql Of(string name, string text) => new(name, text);

    public static string Read(string resource)
    {
        using var stream = Home.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
