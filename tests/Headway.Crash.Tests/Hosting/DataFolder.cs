namespace Headway.Crash.Tests.Hosting;

internal sealed class DataFolder : IDisposable
{
    private readonly bool _own;

    /// <param name="path">A folder that its maker removes; null: one of its own.</param>
    public DataFolder(string? path = null) => (_own, Root) = (path is null, path ?? Directory.CreateTempSubdirectory("headway-crash-").FullName);

    public string Root { get; }

    public string Database => Path.Combine(Root, "headway.db");

    /// <summary>Lines `job attempt`; beside the folder, so that a full disk under the database does not silence the handlers.</summary>
    public string Effects => Root + ".effects";

    public List<(string Job, int Attempt)> ReadEffects()
    {
        var effects = new List<(string, int)>();
        foreach (var line in File.Exists(Effects) ? File.ReadAllLines(Effects) : [])
        {
            var parts = line.Split(' ');
            effects.Add((parts[0], int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)));
        }
        return effects;
    }

    public void Dispose()
    {
        File.Delete(Effects);
        if (_own) Directory.Delete(Root, recursive: true);
    }
}
