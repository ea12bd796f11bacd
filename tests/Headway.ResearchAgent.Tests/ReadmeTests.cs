using Headway.Upstream;

namespace Headway.ResearchAgent.Tests;

/// <summary>What the sample's README tells to type works as it stands there; only the port is another.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task The_commands_of_the_readme_kill_the_agent_and_get_its_report()
    {
        var folder = Directory.CreateTempSubdirectory("research-readme-").FullName;
        try
        {
            var address = $"http://127.0.0.1:{SampleProcess.FreePort()}";
            var script = TypedSample.Script("samples/research-agent/README.md", "runnable: research-agent").Replace("http://127.0.0.1:8080", address, StringComparison.Ordinal);
            script.ShouldContain("kill -9");

            var said = await TypedSample.TypeAsync(script, TimeSpan.FromMinutes(2),
                ("HEADWAY_LISTEN", address), ("HEADWAY_DATABASE", $"sqlite:{folder}/headway.db"), ("RESEARCH_MIRRORS", "http://127.0.0.1:0"), ("RESEARCH_REPORTS", $"{folder}/reports"), ("LLM_URL", ""), ("LLM_KEY", ""));

            said.ShouldContain("\"name\":\"look around\"");
            said.ShouldContain("\"state\":\"delivered\"");
            said.ShouldContain("## Sources");
            said.ShouldEndWith("Approved by local: Well founded.\n");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
