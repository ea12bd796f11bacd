using Headway.Tests.Storage;

namespace Headway.Crash.Tests.Hosting;

internal sealed class DataFolder : IDisposable
{
    private readonly bool _own;
    private int _nodes;

    /// <param name="path">A folder that its maker removes; null: one of its own.</param>
    /// <param name="address">A PostgreSQL database; null: as the tests were started, a file here or a database of the shared server.</param>
    public DataFolder(string? path = null, string? address = null)
    {
        (_own, Root) = (path is null, path ?? Directory.CreateTempSubdirectory("headway-crash-").FullName);
        Address = address ?? TestDatabase.At(Path.Combine(Root, "headway.db"));
    }

    public string Root { get; }

    /// <summary>What a node is told of its database.</summary>
    public string Address { get; }

    public bool IsPostgres => !Address.StartsWith("sqlite:", StringComparison.Ordinal);

    /// <summary>The file of SQLite.</summary>
    public string Database => Path.Combine(Root, "headway.db");

    /// <summary>The file that orders wait for which say so (`until`).</summary>
    public string Gate => Path.Combine(Root, "gate");

    public void OpenGate() => File.WriteAllBytes(Gate, []);

    /// <summary>Where the next node writes what its handlers did, in lines `job attempt`: beside the folder, so that a full disk under the database does not silence them, and a file each, so that no two write in one place.</summary>
    public string NextEffects() => $"{Root}.effects-{Interlocked.Increment(ref _nodes)}";

    public List<(string Job, int Attempt)> ReadEffects()
    {
        var effects = new List<(string, int)>();
        foreach (var line in Effects.SelectMany(File.ReadAllLines))
        {
            var parts = line.Split(' ');
            effects.Add((parts[0], int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)));
        }
        return effects;
    }

    private string[] Effects => Directory.GetFiles(Path.GetDirectoryName(Root)!, Path.GetFileName(Root) + ".effects-*");

    public void Dispose()
    {
        foreach (var file in Effects) File.Delete(file);
        if (_own) Directory.Delete(Root, recursive: true);
    }
}
