using Headway.Features;
using Headway.Handlers.Prompt.Tools;
using Headway.Upstream;

namespace Headway.Tests.Handlers.Prompt.Tools;

public sealed class ToolboxTests
{
    [Fact]
    public async Task Tools_keep_their_names_unless_models_cannot_have_them_or_two_servers_share_one()
    {
        await using var one = await ToolUpstream.StartAsync(Tool("find"), Tool("drug.find/by name"));
        await using var two = await ToolUpstream.StartAsync(Tool("find"), Tool("Two_find"), Tool(new string('x', 80)));
        await using var servers = Servers(("one", one), ("two", two));

        var (box, failure) = await Toolbox.OpenAsync(["one", "two"], servers, DataClass.Internal, CancellationToken.None);

        failure.ShouldBeNull();
        box!.Names.ShouldBe(["find", "one_drug_find_by_name", "two_find", "Two_find", "two_" + new string('x', 60)]);
        box.Find("one_drug_find_by_name").ShouldBe(new BoxedTool("one", "drug.find/by name"));
        box.Find("two_find").ShouldBe(new BoxedTool("two", "find"));
        box.Wire.Select(tool => tool!["function"]!["name"]!.GetValue<string>()).ShouldBe(box.Names);
    }

    [Fact]
    public async Task Only_the_tools_that_are_named_are_in_it()
    {
        await using var one = await ToolUpstream.StartAsync(Tool("find"), Tool("drop"), Tool("a/b"));
        await using var servers = Servers(("one", one));

        (await Toolbox.OpenAsync(["one/find", "one/a/b"], servers, DataClass.Internal, CancellationToken.None)).Box!.Names.ShouldBe(["find", "one_a_b"]);
        (await Toolbox.OpenAsync(["one", "one/find"], servers, DataClass.Internal, CancellationToken.None)).Box!.Names.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_tool_that_its_server_does_not_have_fails_the_attempt_with_what_it_has()
    {
        await using var one = await ToolUpstream.StartAsync(Tool("find"));
        await using var servers = Servers(("one", one));

        var failure = (await Toolbox.OpenAsync(["one/fnd"], servers, DataClass.Internal, CancellationToken.None)).Failure!;

        (failure.Code, failure.Retryable, failure.Message).ShouldBe(("tool-missing", true, "The tool server 'one' has no tool 'fnd': did you mean 'find'?"));
    }

    [Fact]
    public async Task Parameters_that_can_be_read_in_two_ways_are_the_servers_fault()
    {
        const string Twice = """{"type":"object","properties":{"a":{"type":"string"},"a":{"type":"number"}}}""";
        await using var one = await ToolUpstream.StartAsync(Tool("find"), Tool("twice") with { Schema = Twice });
        await using var servers = Servers(("one", one));

        var failure = (await Toolbox.OpenAsync(["one"], servers, DataClass.Internal, CancellationToken.None)).Failure!;

        (failure.Code, failure.Retryable).ShouldBe(("tool-unavailable", true));
        (await Toolbox.OpenAsync(["one/find"], servers, DataClass.Internal, CancellationToken.None)).Box!.Names.ShouldBe(["find"]);
    }

    [Fact]
    public async Task More_tools_than_a_model_takes_are_refused()
    {
        await using var one = await ToolUpstream.StartAsync([.. Enumerable.Range(0, 129).Select(i => Tool($"t{i}"))]);
        await using var two = await ToolUpstream.StartAsync(Tool("long") with { Description = new string('d', 300_000) });
        await using var servers = Servers(("one", one), ("two", two));

        var failure = (await Toolbox.OpenAsync(["one"], servers, DataClass.Internal, CancellationToken.None)).Failure!;
        (failure.Code, failure.Retryable).ShouldBe(("tools-too-many", false));
        (await Toolbox.OpenAsync(["two"], servers, DataClass.Internal, CancellationToken.None)).Failure!.Message.ShouldContain("longer than 256 Ki characters");
    }

    [Fact]
    public async Task Nothing_is_said_to_a_server_that_may_not_see_the_data_or_is_not_in_the_file_any_more()
    {
        await using var one = await ToolUpstream.StartAsync(Tool("find"));
        await using var servers = Servers(("one", one));

        var failure = (await Toolbox.OpenAsync(["one"], servers, DataClass.Phi, CancellationToken.None)).Failure!;
        (failure.Code, failure.Message).ShouldBe(("data-not-allowed", "The tool server 'one' may not see phi data: add it to its allowedData if the agreement covers it, or leave its tools out."));
        (await Toolbox.OpenAsync(["none"], servers, DataClass.Internal, CancellationToken.None)).Failure!.Code.ShouldBe("tool-server-unknown");
        one.Asked("initialize").ShouldBe(0);
    }

    [Fact]
    public async Task A_reload_that_moves_a_server_counts_from_the_next_call_and_one_that_leaves_it_keeps_its_connection()
    {
        await using var old = await ToolUpstream.StartAsync(Tool("find"));
        await using var next = await ToolUpstream.StartAsync(Tool("find"));
        var file = new Dictionary<string, ToolServerDefinition> { ["one"] = new() { Name = "one", Url = old.Url } };
        await using var servers = new ToolServers(() => file, TimeProvider.System);
        await OpenAsync();

        file = new Dictionary<string, ToolServerDefinition> { ["one"] = new() { Name = "one", Url = old.Url, Place = new Place("headway.yaml", 9, 1) } };
        await OpenAsync();
        (old.Asked("initialize"), old.Asked("tools/list")).ShouldBe((1, 1));

        file = new Dictionary<string, ToolServerDefinition> { ["one"] = new() { Name = "one", Url = next.Url } };
        await OpenAsync();
        (old.Asked("initialize"), next.Asked("initialize")).ShouldBe((1, 1));

        async Task OpenAsync() => (await Toolbox.OpenAsync(["one"], servers, DataClass.Internal, CancellationToken.None)).Failure.ShouldBeNull();
    }

    private static ToolScript Tool(string name) => ToolScript.Says(name, _ => name);

    private static ToolServers Servers(params (string Name, ToolUpstream Upstream)[] servers)
    {
        var file = servers.ToDictionary(server => server.Name, server => new ToolServerDefinition { Name = server.Name, Url = server.Upstream.Url });
        return new ToolServers(() => file, TimeProvider.System);
    }
}
