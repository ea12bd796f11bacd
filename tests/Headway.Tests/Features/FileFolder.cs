using Headway.Features;

namespace Headway.Tests.Features;

/// <summary>A folder of its own with a feature file in it.</summary>
internal sealed class FileFolder : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("headway-features-").FullName;

    public Dictionary<string, string> Environment { get; } = [];

    public string File => Path.Combine(Folder, "headway.yaml");

    public FileFolder With(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, text);
        return this;
    }

    public FeatureFileReading Read(string yaml) => With("headway.yaml", yaml).Read();

    public FeatureFileReading Read() => FeatureFileReader.Read(File, Environment.GetValueOrDefault);

    public FeatureFile Valid(string yaml)
    {
        var reading = Read(yaml);
        reading.Findings.ShouldBeEmpty();
        return reading.File.ShouldNotBeNull();
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
