using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Headway.Features;
using Headway.Handlers.Prompt.Tools;

namespace Headway.Tests.Handlers.Prompt.Tools;

/// <summary>Tool servers that are programs: a shell that speaks the protocol line by line.</summary>
public sealed class ToolProgramTests
{
    private const string Shell = """
        while IFS= read -r line; do
          id=$(printf '%s' "$line" | sed -n 's/.*"id":\("\{0,1\}[A-Za-z0-9-]*"\{0,1\}\).*/\1/p')
          case "$line" in
            *'"method":"initialize"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"sh","version":"1"}}}\n' "$id" ;;
            *'"method":"tools/list"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"tools":[{"name":"where","inputSchema":{"type":"object"}},{"name":"quit","inputSchema":{"type":"object"}}]}}\n' "$id" ;;
            *'"method":"tools/call"'*'"name":"quit"'*) exit 1 ;;
            *'"method":"tools/call"'*'"name":"shout"'*) head -c 9000000 /dev/zero | tr '\0' a ;;
            *'"method":"tools/call"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"content":[{"type":"text","text":"%s %s %s %s"}]}}\n' "$id" "$$" "$(pwd)" "$GIVEN" "${HEADWAY_TEST_SECRET:-none}" ;;
            *'"id"'*) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"no such method"}}\n' "$id" ;;
          esac
        done
        """;

    [Fact]
    public async Task A_program_is_started_in_its_folder_with_no_more_of_the_environment_than_it_is_given()
    {
        Environment.SetEnvironmentVariable("HEADWAY_TEST_SECRET", "secret");
        var folder = Directory.CreateTempSubdirectory("headway-tools-");
        int process;
        await using (var server = new ToolServer(Program(folder.FullName), TimeProvider.System))
        {
            (await server.ToolsAsync(CancellationToken.None)).Tools.Select(tool => tool.Name).ShouldBe(["where", "quit"]);

            var words = (await CallAsync(server, "where")).Text!.Split(' ');

            words[1..].ShouldBe([folder.FullName, "a-value", "none"]);
            process = int.Parse(words[0], CultureInfo.InvariantCulture);
            (await CallAsync(server, "where")).Text!.ShouldStartWith(words[0]);
        }

        Should.Throw<ArgumentException>(() => Process.GetProcessById(process));
        folder.Delete();
    }

    [Fact]
    public async Task One_that_has_ended_is_started_again_by_the_next_call()
    {
        await using var server = new ToolServer(Program(Path.GetTempPath()), TimeProvider.System);
        var first = (await CallAsync(server, "where")).Text!.Split(' ')[0];

        (await CallAsync(server, "quit")).Failure!.Code.ShouldBe("tool-unavailable");

        (await CallAsync(server, "where")).Text!.Split(' ')[0].ShouldNotBe(first);
    }

    [Fact]
    public async Task One_that_says_a_line_without_end_is_given_up_and_started_again()
    {
        await using var server = new ToolServer(Program(Path.GetTempPath()), TimeProvider.System);
        var first = (await CallAsync(server, "where")).Text!.Split(' ')[0];

        (await CallAsync(server, "shout")).Text!.ShouldContain("its result is larger than 8 MiB");

        (await CallAsync(server, "where")).Text!.Split(' ')[0].ShouldNotBe(first);
    }

    [Fact]
    public async Task One_that_is_not_there_fails_the_attempt()
    {
        await using var server = new ToolServer(Program(Path.GetTempPath()) with { Command = ["no-such-program-of-headway"] }, TimeProvider.System);

        var failure = (await server.ToolsAsync(CancellationToken.None)).Failure!;

        (failure.Code, failure.Retryable).ShouldBe(("tool-unavailable", true));
        failure.Message.ShouldContain("does its command start it?");
    }

    private static ToolServerDefinition Program(string folder) => new()
    {
        Name = "shell",
        Command = ["sh", "-c", Shell],
        Folder = folder,
        Environment = new Dictionary<string, string> { ["GIVEN"] = "a-value" },
    };

    private static Task<ToolAnswer> CallAsync(ToolServer server, string tool) => server.CallAsync(tool, new Dictionary<string, JsonElement>(), [], CancellationToken.None);
}
