using Headway.Upstream;

namespace Headway.Clinic.Tests;

/// <summary>What README and documents tell a newcomer to type works as it stands there; only the address is another.</summary>
[Collection(nameof(ServedClinic))]
public sealed class ReadmeTests
{
    [Fact]
    public async Task The_calls_of_the_readme_are_answered_as_it_says()
    {
        var said = await TypedAsync("README.md");

        said.ShouldContain("\"priority\":\"emergency\"");
        said.ShouldContain("Headway-Mode: async");
        said.ShouldContain("event: delta");
        said.ShouldContain("event: end");
        said.ShouldContain("Headway-Mode: hybrid");
        said.Split("HTTP/1.1 202 Accepted").Length.ShouldBe(3);
        said.Split("\"feature\":\"interaction-check\"").Length.ShouldBeGreaterThan(1);
        said.ShouldNotContain("application/problem+json");
    }

    [Fact]
    public async Task A_client_of_OpenAI_gets_what_its_page_says()
    {
        var said = await TypedAsync("docs/openai.md");

        said.ShouldContain("\"object\":\"chat.completion.chunk\"");
        said.ShouldEndWith("data: [DONE]\n\n");
    }

    /// <summary>Types the sample of a document to the clinic.</summary>
    private static async Task<string> TypedAsync(string document)
    {
        await using var clinic = await ServedClinic.StartAsync();
        var script = TypedSample.Script(document, "runnable: clinic").Replace("http://127.0.0.1:8080", clinic.Http.BaseAddress!.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal);
        return await TypedSample.TypeAsync(script, TimeSpan.FromMinutes(1));
    }
}
