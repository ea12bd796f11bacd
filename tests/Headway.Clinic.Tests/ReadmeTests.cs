using System.Diagnostics;

namespace Headway.Clinic.Tests;

/// <summary>What README and documents tell a newcomer to type works as it stands there; only the address is another.</summary>
[Collection(nameof(ServedClinic))]
public sealed class ReadmeTests
{
    private const string Mark = "<!-- runnable: clinic -->\n```bash\n";

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
        return await BashAsync(Script(document).Replace("http://127.0.0.1:8080", clinic.Http.BaseAddress!.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal));
    }

    private static string Script(string document)
    {
        var readme = File.ReadAllText(Path.Combine(Root(), document));
        var start = readme.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length;
        start.ShouldBeGreaterThan(Mark.Length);
        return readme[start..readme.IndexOf("\n```", start, StringComparison.Ordinal)];
    }

    private static async Task<string> BashAsync(string script)
    {
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-e"]) { WorkingDirectory = Root(), RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await bash.StandardInput.WriteAsync(script);
        bash.StandardInput.Close();
        var errors = bash.StandardError.ReadToEndAsync();
        var said = await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();
        bash.ExitCode.ShouldBe(0, await errors);
        return said;
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Headway.slnx"))) folder = folder.Parent;
        return folder.FullName;
    }
}
