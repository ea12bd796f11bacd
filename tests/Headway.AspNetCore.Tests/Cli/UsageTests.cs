using Headway.AspNetCore.Tests.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Tests.Cli;

public sealed class UsageTests
{
    [Theory]
    [InlineData("serve")]
    [InlineData("check")]
    [InlineData("schema")]
    [InlineData("call")]
    [InlineData("jobs")]
    [InlineData("jobs", "list")]
    [InlineData("jobs", "show")]
    [InlineData("jobs", "watch")]
    [InlineData("jobs", "replay")]
    [InlineData("jobs", "cancel")]
    [InlineData("dead-letters")]
    [InlineData("dead-letters", "list")]
    [InlineData("dead-letters", "replay")]
    public async Task The_help_of_every_command_shows_an_example_of_it(params string[] command)
    {
        var help = await CommandLine.RunAsync([.. command, "--help"]);

        help.Code.ShouldBe(0);
        help.Out.ShouldContain($"Usage:\n  headway {string.Join(' ', command)}");
        help.Out.ShouldContain($"Example:\n  headway {string.Join(' ', command)}");
    }

    [Theory]
    [InlineData("serv", "'serv'")]
    [InlineData("jobs list --state burning", "'burning' is none of scheduled, queued")]
    [InlineData("jobs list --since yesterday", "'yesterday' is neither a time")]
    [InlineData("call triage --wait 5", "'5' is not a duration")]
    [InlineData("call triage --async --wait 5s", "exclude each other")]
    [InlineData("call --wach", "'--wach' is neither an option nor the name of a feature")]
    [InlineData("call triage --input no-such-file", "neither a file that exists nor JSON")]
    [InlineData("jobs show job_1 --server ftp://there", "not the address of a server")]
    [InlineData("jobs show", "Required argument")]
    [InlineData("jobs list --limit 0", "at least 1")]
    [InlineData("call triage --subject Süd", "printable ASCII")]
    [InlineData("call triage --priority high", "'high'")]
    public async Task What_cannot_be_meant_is_refused_with_code_2(string words, string why)
    {
        var refused = await CommandLine.RunAsync(words.Split(' '));

        refused.Code.ShouldBe(2);
        refused.Error.ShouldContain(why);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_code_3_and_says_what_to_do()
    {
        var unreachable = await CommandLine.RunAsync(["jobs", "list"], environment: new Dictionary<string, string> { ["HEADWAY_SERVER"] = "http://127.0.0.1:1" });

        unreachable.Code.ShouldBe(3);
        unreachable.Error.ShouldContain("http://127.0.0.1:1 is not reachable");
        unreachable.Error.ShouldContain("--server");
        unreachable.Out.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("letter.pdf", "application/pdf")]
    [InlineData("scan.PNG", "image/png")]
    [InlineData("data.json", "application/json")]
    [InlineData("unknown.xyz", "application/octet-stream")]
    public async Task A_file_is_sent_as_what_it_is(string name, string mediaType)
    {
        await using var server = await WireServer.StartAsync(app => app.MapPost("/v1/features/read", async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync($"{context.Request.ContentType} {await body.ReadToEndAsync()}");
        }));
        var folder = Directory.CreateTempSubdirectory("headway-input-").FullName;
        try
        {
            var file = Path.Combine(folder, name);
            await File.WriteAllTextAsync(file, "content");

            (await CommandLine.RunAsync(["call", "read", "--input", file, "--server", server.Address.ToString()])).Out.ShouldBe($"{mediaType} content\n");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task What_no_headway_server_answers_is_code_4_and_names_the_address()
    {
        await using var server = await WireServer.StartAsync(app => app.MapGet("/v1/jobs", () => Results.Text("<html>", "text/html", null, 502)));

        var list = await CommandLine.RunAsync(["jobs", "list", "--server", server.Address.ToString()]);

        list.Code.ShouldBe(4);
        list.Error.ShouldContain("is it a Headway server?");
        list.Error.ShouldContain(server.Address.ToString());
    }
}
