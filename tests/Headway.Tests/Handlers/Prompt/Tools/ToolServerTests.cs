using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.Features;
using Headway.Handlers.Prompt.Tools;
using Headway.Upstream;

namespace Headway.Tests.Handlers.Prompt.Tools;

public sealed class ToolServerTests
{
    private static readonly ToolScript Echo = ToolScript.Says("echo", call => call.Arguments.ToJsonString());

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Servers_of_either_revision_are_understood_as_json_and_as_events(bool isNew, bool streams)
    {
        await using var upstream = await ToolUpstream.StartAsync(isNew, streams, tools: Echo);
        await using var server = new ToolServer(At(upstream), TimeProvider.System);

        (await server.ToolsAsync(CancellationToken.None)).Tools.ShouldHaveSingleItem().Name.ShouldBe("echo");
        (await CallAsync(server, "echo", """{"a":[1,{"b":null}]}""")).Text.ShouldBe("""{"a":[1,{"b":null}]}""");
        upstream.Asked("initialize").ShouldBe(isNew ? 0 : 1);
    }

    [Fact]
    public async Task All_pages_of_a_list_are_read()
    {
        await using var upstream = await ToolUpstream.StartAsync(pageSize: 2, tools: [.. Enumerable.Range(0, 5).Select(i => Echo with { Name = $"t{i}" })]);
        await using var server = new ToolServer(At(upstream), TimeProvider.System);

        (await server.ToolsAsync(CancellationToken.None)).Tools.Select(tool => tool.Name).ShouldBe(["t0", "t1", "t2", "t3", "t4"]);
    }

    [Fact]
    public async Task It_is_connected_to_once_and_asked_for_its_tools_again_when_they_are_old()
    {
        var time = new ManualTime(Attempts.Start);
        await using var upstream = await ToolUpstream.StartAsync(Echo);
        await using var server = new ToolServer(At(upstream), time);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => server.ToolsAsync(CancellationToken.None)));
        (await CallAsync(server, "echo")).Text.ShouldBe("{}");
        (upstream.Asked("initialize"), upstream.Asked("tools/list")).ShouldBe((1, 1));

        upstream.Tools = [Echo, Echo with { Name = "more" }];
        time.Advance(ToolServer.ListLife);
        (await server.ToolsAsync(CancellationToken.None)).Tools.Count.ShouldBe(2);
        (upstream.Asked("initialize"), upstream.Asked("tools/list")).ShouldBe((1, 2));
    }

    [Fact]
    public async Task A_server_that_was_started_anew_is_connected_to_anew_and_the_call_is_made()
    {
        await using var upstream = await ToolUpstream.StartAsync(Echo);
        await using var server = new ToolServer(At(upstream), TimeProvider.System);
        await CallAsync(server, "echo");

        upstream.Forget();

        (await CallAsync(server, "echo", """{"again":true}""")).Text.ShouldBe("""{"again":true}""");
        (upstream.Asked("initialize"), upstream.Calls.Count).ShouldBe((2, 2));
    }

    [Fact]
    public async Task One_that_was_down_is_asked_again_by_the_next_who_needs_it()
    {
        var gone = await ToolUpstream.StartAsync(Echo);
        var at = At(gone);
        await gone.DisposeAsync();
        await using var server = new ToolServer(at, TimeProvider.System);

        (await server.ToolsAsync(CancellationToken.None)).Failure!.Code.ShouldBe("tool-unavailable");
        (await CallAsync(server, "echo")).Failure!.Retryable.ShouldBeTrue();
    }

    [Fact]
    public async Task A_call_that_takes_too_long_is_given_up_and_others_go_on()
    {
        var time = new ManualTime(Attempts.Start);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var slow = new ToolScript("slow", async call =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, call.Context.RequestAborted);
            return [];
        });
        await using var upstream = await ToolUpstream.StartAsync(slow, Echo);
        await using var server = new ToolServer(At(upstream), time);

        var call = CallAsync(server, "slow");
        await arrived.Task;
        time.Advance(ToolServerDefinition.DefaultTimeout);

        var failure = (await call).Failure!;
        (failure.Code, failure.Kind).ShouldBe(("tool-timeout", FailureKind.Timeout));
        failure.Message.ShouldContain("'drugs' did not answer the call of slow within 30 s");
        (await CallAsync(server, "echo")).Text.ShouldBe("{}");
        upstream.Asked("initialize").ShouldBe(1);
    }

    [Fact]
    public async Task A_call_that_nobody_wants_any_more_is_cancelled()
    {
        using var stop = new CancellationTokenSource();
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var slow = new ToolScript("slow", async call =>
        {
            call.Context.RequestAborted.Register(left.SetResult);
            await stop.CancelAsync();
            await left.Task;
            return [];
        });
        await using var upstream = await ToolUpstream.StartAsync(slow);
        await using var server = new ToolServer(At(upstream), TimeProvider.System);

        await Should.ThrowAsync<OperationCanceledException>(CallAsync(server, "slow", stop: stop.Token));
        await left.Task;
    }

    [Fact]
    public async Task A_tool_that_breaks_the_connection_fails_the_attempt()
    {
        await using var upstream = await ToolUpstream.StartAsync(new ToolScript("cut", call =>
        {
            call.Context.Abort();
            return Task.FromResult<JsonObject>([]);
        }), Echo);
        await using var server = new ToolServer(At(upstream), TimeProvider.System);

        (await CallAsync(server, "cut")).Failure!.Code.ShouldBe("tool-unavailable");
        (await CallAsync(server, "echo")).Text.ShouldBe("{}");
    }

    [Fact]
    public async Task A_caller_that_is_refused_is_refused_for_good_and_no_header_is_repeated()
    {
        await using var upstream = await ToolUpstream.StartAsync(authorization: "Bearer right", tools: Echo);
        await using var right = new ToolServer(At(upstream) with { Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer right\n" } }, TimeProvider.System);
        await using var wrong = new ToolServer(At(upstream) with { Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer wrong" } }, TimeProvider.System);

        (await CallAsync(right, "echo")).Text.ShouldBe("{}");
        var failure = (await wrong.ToolsAsync(CancellationToken.None)).Failure!;
        (failure.Code, failure.Retryable).ShouldBe(("tool-unauthorized", false));
        failure.Message.ShouldBe("The tool server 'drugs' refused this caller (401): check its headers.");
    }

    [Fact]
    public async Task What_is_no_tool_server_is_named_as_such()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Whole(200, "text/html", "<html>Welcome</html>"));
        await using var server = new ToolServer(new ToolServerDefinition { Name = "drugs", Url = upstream.Address }, TimeProvider.System);

        (await server.ToolsAsync(CancellationToken.None)).Failure!.Message.ShouldBe("The tool server 'drugs' answered what is not the Model Context Protocol: is its address right?");
    }

    [Fact]
    public async Task A_long_result_is_cut_and_an_endless_one_is_not_read()
    {
        await using var upstream = await ToolUpstream.StartAsync(ToolScript.Says("long", _ => new string('a', ToolResults.MostCharacters + 1)), ToolScript.Says("endless", _ => new string('a', (int)ToolTransport.MostBytes)), Echo);
        await using var server = new ToolServer(At(upstream), TimeProvider.System);

        (await CallAsync(server, "long")).Text.ShouldBe($"{new string('a', ToolResults.MostCharacters)}\n[cut here: the result has {ToolResults.MostCharacters + 1} characters]");
        (await CallAsync(server, "endless")).Text.ShouldBe("The tool failed: its result is larger than 8 MiB");
        (await CallAsync(server, "echo")).Text.ShouldBe("{}");
    }

    [Theory]
    [InlineData("""{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}""", "a\nb")]
    [InlineData("""{"content":[],"structuredContent":{"dose":500}}""", """{"dose":500}""")]
    [InlineData("""{"content":[]}""", "(nothing)")]
    [InlineData("""{"content":[{"type":"image","data":"AA==","mimeType":"image/png"}]}""", "[a result of type image, which is not shown]")]
    [InlineData("""{"content":[{"type":"resource","resource":{"uri":"file:///a","text":"inside"}},{"type":"resource_link","uri":"file:///b","name":"b"}]}""", "inside\n[b: file:///b]")]
    [InlineData("""{"content":[{"type":"text","text":"no such drug"}],"isError":true}""", "The tool failed: no such drug")]
    public async Task Each_kind_of_result_is_a_text_for_the_model(string result, string text)
    {
        await using var upstream = await ToolUpstream.StartAsync(new ToolScript("t", _ => Task.FromResult(JsonNode.Parse(result)!.AsObject())));
        await using var server = new ToolServer(At(upstream), TimeProvider.System);

        (await CallAsync(server, "t")).Text.ShouldBe(text);
    }

    [Fact]
    public async Task What_the_server_objects_to_is_told_to_the_model()
    {
        await using var upstream = await ToolUpstream.StartAsync(Echo);
        await using var server = new ToolServer(At(upstream), TimeProvider.System);

        (await CallAsync(server, "gone")).Text!.ShouldContain("Unknown tool: 'gone'");
    }

    [Fact]
    public async Task A_server_that_asks_back_is_told_of_to_the_model()
    {
        await using var upstream = await ToolUpstream.StartAsync(isNew: true, tools: new ToolScript("asks", _ => Task.FromResult(JsonNode.Parse("""
            {"resultType":"input_required","inputRequests":{"who":{"method":"elicitation/create","params":{"message":"Who are you?","requestedSchema":{"type":"object","properties":{}}}}},"requestState":"s"}
            """)!.AsObject())));
        await using var server = new ToolServer(At(upstream), TimeProvider.System);

        (await CallAsync(server, "asks")).Text.ShouldBe("The tool failed: it asks for something that nobody here can give");
    }

    [Fact]
    public async Task A_server_that_never_lets_go_holds_up_nobody()
    {
        var time = new ManualTime(Attempts.Start);
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = await ToolUpstream.StartAsync(Echo);
        upstream.Leaving = async context =>
        {
            left.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        };
        var server = new ToolServer(At(upstream), time);
        await CallAsync(server, "echo");

        var closed = server.DisposeAsync().AsTask();
        await left.Task;
        time.Advance(ToolTransport.LeaveWithin);

        await closed;
    }

    [Fact]
    public async Task A_connection_that_falls_silent_is_closed()
    {
        var time = new ManualTime(Attempts.Start);
        await using var upstream = await ToolUpstream.StartAsync(Echo);
        await using var server = new ToolServer(At(upstream), time);
        await server.ToolsAsync(CancellationToken.None);
        var (asked, left) = (Silent(upstream), Left(upstream));

        time.Advance(ToolServer.ListLife);
        var listing = server.ToolsAsync(CancellationToken.None);
        await asked.Task;
        time.Advance(ToolServerDefinition.DefaultTimeout);

        (await listing).Failure!.Code.ShouldBe("tool-timeout");
        await left.Task;
    }

    [Fact]
    public async Task One_that_does_not_let_itself_be_connected_to_holds_up_nobody()
    {
        await using var upstream = await ToolUpstream.StartAsync(Echo);
        var asked = Silent(upstream);
        var server = new ToolServer(At(upstream), new ManualTime(Attempts.Start));
        var listing = server.ToolsAsync(CancellationToken.None);
        await asked.Task;

        await server.DisposeAsync();

        (await listing).Failure.ShouldNotBeNull();
    }

    [Fact]
    public async Task One_that_the_file_has_no_more_is_left()
    {
        var time = new ManualTime(Attempts.Start);
        await using var upstream = await ToolUpstream.StartAsync(Echo);
        var left = Left(upstream);
        var file = new Dictionary<string, ToolServerDefinition> { ["drugs"] = At(upstream) };
        await using var servers = new ToolServers(() => file, time);
        await CallAsync(servers.Find("drugs", DataClass.Internal).Server!, "echo");

        servers.Look();
        left.Task.IsCompleted.ShouldBeFalse();
        file = [];
        servers.Look();

        await left.Task;
    }

    [Fact]
    public async Task One_that_is_replaced_while_it_is_connected_to_serves_whoever_has_asked_and_is_left_then()
    {
        var time = new ManualTime(Attempts.Start);
        await using var upstream = await ToolUpstream.StartAsync(Echo);
        var (asked, left, go) = (new TaskCompletionSource(), Left(upstream), new TaskCompletionSource());
        upstream.Listing = _ =>
        {
            asked.TrySetResult();
            return go.Task;
        };
        var file = new Dictionary<string, ToolServerDefinition> { ["drugs"] = At(upstream) };
        await using var servers = new ToolServers(() => file, time);
        var call = CallAsync(servers.Find("drugs", DataClass.Internal).Server!, "echo");
        await asked.Task;

        file = new() { ["drugs"] = At(upstream) with { Timeout = TimeSpan.FromMinutes(1) } };
        servers.Find("drugs", DataClass.Internal).Server!.Definition.Timeout.ShouldBe(TimeSpan.FromMinutes(1));
        go.SetResult();

        (await call).Text.ShouldBe("{}");
        while (!time.IsDue(Attempts.Start + ToolServerDefinition.DefaultTimeout)) await Task.Yield();
        time.Advance(ToolServerDefinition.DefaultTimeout);
        await left.Task;
    }

    private static TaskCompletionSource Silent(ToolUpstream upstream)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        upstream.Listing = context =>
        {
            asked.TrySetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        };
        return asked;
    }

    private static TaskCompletionSource Left(ToolUpstream upstream)
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        upstream.Leaving = _ =>
        {
            left.TrySetResult();
            return Task.CompletedTask;
        };
        return left;
    }

    private static ToolServerDefinition At(ToolUpstream upstream) => new() { Name = "drugs", Url = upstream.Url };

    private static Task<ToolAnswer> CallAsync(ToolServer server, string tool, string arguments = "{}", CancellationToken stop = default) =>
        server.CallAsync(tool, JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(arguments)!, [], stop);
}
