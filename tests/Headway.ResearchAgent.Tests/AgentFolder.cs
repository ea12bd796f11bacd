using Headway.Upstream;

namespace Headway.ResearchAgent.Tests;

/// <summary>A folder with the agent's database and reports, which outlive its processes.</summary>
internal sealed class AgentFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("research-").FullName;

    public string[] Reports => Directory.Exists(ReportFolder) ? [.. Directory.GetFiles(ReportFolder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)] : [];

    private string ReportFolder => Path.Combine(_root, "reports");

    public Task<SampleProcess> StartAsync(params (string Name, string Value)[] settings) =>
        SampleProcess.StartAsync("research-agent", _root, [("RESEARCH_MIRRORS", "http://127.0.0.1:0"), ("RESEARCH_REPORTS", ReportFolder), .. settings]);

    public string ReadReport(string file) => File.ReadAllText(Path.Combine(ReportFolder, file));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>A file of the sample's inputs.</summary>
    public static string Input(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "inputs", $"{name}.json"));
}
