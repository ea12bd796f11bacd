using Headway.Upstream;

namespace Headway.Commerce.Tests;

/// <summary>What the sample's README tells to type works as it stands there; only the port is another.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task The_commands_of_the_readme_review_the_contract_and_try_the_rest()
    {
        var folder = Directory.CreateTempSubdirectory("commerce-readme-").FullName;
        try
        {
            var address = $"http://127.0.0.1:{SampleProcess.FreePort()}";
            var script = TypedSample.Script("samples/commerce/README.md", "runnable: commerce").Replace("http://127.0.0.1:8080", address, StringComparison.Ordinal);

            var said = await TypedSample.TypeAsync(script, TimeSpan.FromMinutes(2),
                ("TMPDIR", folder), ("HEADWAY_LISTEN", address), ("HEADWAY_DATABASE", $"sqlite:{folder}/headway.db"), ("COMMERCE_REVIEWS", $"{folder}/reviews"), ("LLM_URL", ""), ("LLM_KEY", ""));

            said.ShouldContain("| High | unlimited-liability | 13.1 ");
            said.ShouldContain("\"state\":\"delivered\"");
            said.ShouldContain("Approved by local: Struck 13.1 and 28.2.");
            said.ShouldContain("event: end");
            said.ShouldContain("Deprecation: ");
            said.ShouldContain("Headway-Mode: hybrid");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
