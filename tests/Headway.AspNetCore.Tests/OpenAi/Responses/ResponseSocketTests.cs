using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.OpenAi.Responses;

/// <summary>Responses over a WebSocket.</summary>
public sealed class ResponseSocketTests
{
    private static readonly string Stream = Scripts.Fixture("openai/stream");

    private const string Text = "The patient takes metformin 500 mg twice daily – well tolerated.";

    [Fact]
    public async Task It_tells_the_events_that_a_stream_over_HTTP_tells()
    {
        await using var node = await StartAsync();
        using var socket = await OpenAsync(node);

        var told = await AskAsync(socket, """{"type":"response.create","model":"fast","input":"?"}""");

        var id = ResponsesWire.IdOf(told[^1]["response"]!);
        var stored = await node.GetEventsAsync($"/v1/responses/{id}?stream=true");
        told.Select(shown => shown.ToJsonString()).ShouldBe(stored.Select(shown => shown.ToJsonString()));
        told[^1]["type"].Text().ShouldBe("response.completed");
    }

    [Fact]
    public async Task What_is_not_stored_can_be_gone_on_from_while_the_connection_lasts()
    {
        await using var node = await StartAsync();
        using var socket = await OpenAsync(node);
        var first = ResponsesWire.IdOf((await AskAsync(socket, """{"type":"response.create","model":"fast","store":false,"input":"One."}"""))[^1]["response"]!);
        var second = ResponsesWire.IdOf((await AskAsync(socket, GoOn(first, "Two.")))[^1]["response"]!);

        var third = await AskAsync(socket, GoOn(second, "Three."));
        using var other = await OpenAsync(node);
        var elsewhere = await AskAsync(other, GoOn(second, "Three."));

        third[^1]["response"]!["previous_response_id"].Text().ShouldBe(second);
        JsonNode.Parse(node.Upstream.Calls[2].Body)!["messages"]!.AsArray().Select(turn => turn!["content"].Text()).ShouldBe(["One.", Text, "Two.", Text, "Three."]);
        ShouldBeRefused(elsewhere, 400, "previous_response_not_found");
        node.Upstream.Calls.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_file_that_it_names_and_that_is_not_there_is_told_by_its_place()
    {
        await using var node = await StartAsync();
        using var socket = await OpenAsync(node);

        var told = await AskAsync(socket, """{"type":"response.create","model":"fast","input":[{"role":"user","content":[{"type":"input_file","file_id":"file-abc"}]}]}""");

        ShouldBeRefused(told, 404, "file-unknown");
        told[^1]["error"]!["param"].Text().ShouldBe("input[0].content[0].file_id");
    }

    [Fact]
    public async Task A_turn_that_fails_takes_what_it_went_on_from_with_it()
    {
        await using var node = await OpenAiHost.StartAsync(
            Scripts.Events(Scripts.Fixture("openai/stream")), Scripts.Whole(400, "application/json", Scripts.Fixture("openai/error-parameter")), Scripts.Events(Scripts.Fixture("openai/stream")));
        using var socket = await OpenAsync(node);
        var first = ResponsesWire.IdOf((await AskAsync(socket, """{"type":"response.create","model":"fast","store":false,"input":"One."}"""))[^1]["response"]!);

        var failed = await AskAsync(socket, GoOn(first, "Two."));
        var again = await AskAsync(socket, GoOn(first, "Three."));

        failed[^1]["type"].Text().ShouldBe("response.failed");
        ShouldBeRefused(again, 400, "previous_response_not_found");
        node.Upstream.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_stored_response_of_another_connection_can_be_gone_on_from()
    {
        await using var node = await StartAsync();
        using var one = await OpenAsync(node);
        var first = ResponsesWire.IdOf((await AskAsync(one, """{"type":"response.create","model":"fast","input":"One."}"""))[^1]["response"]!);

        using var other = await OpenAsync(node);
        var told = await AskAsync(other, GoOn(first, "Two."));

        told[^1]["type"].Text().ShouldBe("response.completed");
    }

    [Theory]
    [InlineData("""{"type":"response.create","model":"fast","input":"?","stream":true}""", 400, "input-invalid", "stream")]
    [InlineData("""{"type":"response.create","model":"fast","input":"?","background":false}""", 400, "input-invalid", "background")]
    [InlineData("""{"model":"fast","input":"?"}""", 400, "input-invalid", "type")]
    [InlineData("""{"type":"response.create","model":"nobody","input":"?"}""", 404, "model_not_found", "model")]
    [InlineData("""{"type":"response.create","input":"?"}""", 400, "input-invalid", "model")]
    [InlineData("""[]""", 400, "input-invalid", null)]
    [InlineData("""{"type":""", 400, "json-malformed", null)]
    [InlineData("""{"type":"response.create","type":"response.create","model":"fast","input":"?"}""", 400, "json-malformed", null)]
    public async Task A_message_that_is_refused_leaves_the_connection_open(string message, int status, string code, string? param)
    {
        await using var node = await StartAsync();
        using var socket = await OpenAsync(node);

        var refused = await AskAsync(socket, message);
        var told = await AskAsync(socket, """{"type":"response.create","model":"fast","input":"?"}""");

        ShouldBeRefused(refused, status, code);
        refused[0]["error"]!["param"]?.GetValue<string>().ShouldBe(param);
        told[^1]["type"].Text().ShouldBe("response.completed");
    }

    [Fact]
    public async Task Data_does_not_go_on_within_a_connection_where_it_is_not_declared()
    {
        await using var node = await StartAsync();
        using var socket = await OpenAsync(node);
        var first = ResponsesWire.IdOf((await AskAsync(socket, """{"type":"response.create","model":"kept","store":false,"input":"One."}"""))[^1]["response"]!);

        var refused = await AskAsync(socket, GoOn(first, "Two."));

        ShouldBeRefused(refused, 400, "input-invalid");
        node.Upstream.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_feature_answers_over_it_too()
    {
        await using var node = await StartAsync();
        using var socket = await OpenAsync(node);

        var told = await AskAsync(socket, """{"type":"response.create","model":"note","input":"?"}""");

        told[^1]["response"]!["output"]![0]!["content"]![0]!["text"].Text().ShouldBe(Text);
    }

    [Fact]
    public async Task What_is_no_text_closes_it()
    {
        await using var node = await StartAsync();
        using var socket = await OpenAsync(node);

        await socket.SendAsync(new byte[] { 1 }, WebSocketMessageType.Binary, true, CancellationToken.None);
        var got = await socket.ReceiveAsync(new byte[16], CancellationToken.None);

        got.CloseStatus.ShouldBe(WebSocketCloseStatus.InvalidMessageType);
    }

    [Fact]
    public async Task One_that_waits_is_told_when_the_node_shuts_down()
    {
        await using var node = await StartAsync();
        using var socket = await OpenAsync(node);
        await AskAsync(socket, """{"type":"response.create","model":"fast","input":"?"}""");

        var told = ReceiveAsync(socket);
        await node.RestartAsync();

        ShouldBeRefused([JsonNode.Parse(await told)!], 503, "shutting-down");
        (await socket.ReceiveAsync(new byte[16], CancellationToken.None)).CloseStatus.ShouldBe(WebSocketCloseStatus.EndpointUnavailable);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_60_minutes_it_is_closed_but_never_within_a_response(bool within)
    {
        var (time, go) = (new LastHour(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var node = await OpenAiHost.StartAsync("", time, Scripts.StallAfter(Stream.Before("metformin"), go.Task, Stream[Stream.Before("metformin").Length..]));
        using var socket = await OpenAsync(node);
        var told = new List<string>();
        if (within)
        {
            await SendAsync(socket, """{"type":"response.create","model":"fast","input":"?"}""");
            while (!told.Any(one => one.Contains("response.output_text.delta", StringComparison.Ordinal))) told.Add(await ReceiveAsync(socket));
        }

        await time.PassAsync();
        go.SetResult();
        do told.Add(await ReceiveAsync(socket)); while (!told[^1].Contains("\"error\",", StringComparison.Ordinal));

        ShouldBeRefused([JsonNode.Parse(told[^1])!], 408, "websocket_connection_limit_reached");
        if (within) told[^2].ShouldContain("\"response.completed\"");
        (await socket.ReceiveAsync(new byte[16], CancellationToken.None)).CloseStatus.ShouldBe(WebSocketCloseStatus.EndpointUnavailable);
    }

    [Fact]
    public async Task Whoever_leaves_in_the_middle_of_a_turn_finds_the_rest_of_it_over_HTTP()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var half = Stream.Before("metformin");
        await using var node = await OpenAiHost.StartAsync(Scripts.StallAfter(half, go.Task, Stream[half.Length..]));
        var told = new List<JsonNode>();
        using (var socket = await OpenAsync(node))
        {
            await SendAsync(socket, """{"type":"response.create","model":"fast","input":"?"}""");
            while (told.Count == 0 || told[^1]["type"].Text() != "response.output_text.delta") told.Add(JsonNode.Parse(await ReceiveAsync(socket))!);
            socket.Abort();
        }

        var id = ResponsesWire.IdOf(told[0]["response"]!);
        var rest = node.GetEventsAsync($"/v1/responses/{id}?stream=true&starting_after={told.Count - 1}");
        go.SetResult();
        told.AddRange(await rest);

        told.Select(shown => shown["sequence_number"]!.GetValue<int>()).ShouldBe(Enumerable.Range(0, told.Count));
        told[^1]["response"]!["output"]![0]!["content"]![0]!["text"].Text().ShouldBe(Text);
        using var other = await OpenAsync(node);
        (await AskAsync(other, GoOn(id, "Two.")))[^1]["type"].Text().ShouldBe("response.completed");
    }

    [Fact]
    public async Task Two_that_are_asked_for_at_once_are_answered_one_after_the_other()
    {
        await using var node = await StartAsync();
        using var socket = await OpenAsync(node);

        await SendAsync(socket, """{"type":"response.create","model":"fast","input":"One."}""");
        await SendAsync(socket, """{"type":"response.create","model":"fast","input":"Two."}""");
        var (first, second) = (await ReadAsync(socket), await ReadAsync(socket));

        foreach (var told in new[] { first, second })
        {
            told.Select(shown => shown["sequence_number"]!.GetValue<int>()).ShouldBe(Enumerable.Range(0, told.Count));
            told[^1]["type"].Text().ShouldBe("response.completed");
        }

        node.Upstream.Calls.Select(call => JsonNode.Parse(call.Body)!["messages"]![0]!["content"].Text()).ShouldBe(["One.", "Two."]);
    }

    [Fact]
    public async Task A_message_may_come_in_pieces_and_be_as_long_as_an_input_and_no_longer()
    {
        await using var node = await StartAsync();
        using var socket = await OpenAsync(node);
        var message = Encoding.UTF8.GetBytes($$"""{"type":"response.create","model":"fast","input":"{{new string('a', 100_000)}}"}""");

        for (var at = 0; at < message.Length; at += 30_000)
            await socket.SendAsync(message.AsMemory(at, Math.Min(30_000, message.Length - at)), WebSocketMessageType.Text, at + 30_000 >= message.Length, CancellationToken.None);
        (await ReadAsync(socket))[^1]["type"].Text().ShouldBe("response.completed");

        var sent = SendAsync(socket, new string(' ', (32 * 1024 * 1024) + 1));
        var got = await socket.ReceiveAsync(new byte[16], CancellationToken.None);
        await sent;

        got.CloseStatus.ShouldBe(WebSocketCloseStatus.MessageTooBig);
        node.Upstream.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Without_an_upgrade_there_is_nothing_to_get()
    {
        await using var node = await StartAsync();

        using var answer = await node.Http.GetAsync("/v1/responses");

        answer.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        answer.Content.Headers.Allow.ShouldBe(["POST"]);
    }

    private static Task<OpenAiHost> StartAsync() => OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));

    private static string GoOn(string previous, string input) => $$"""{"type":"response.create","model":"fast","store":false,"previous_response_id":"{{previous}}","input":"{{input}}"}""";

    private static void ShouldBeRefused(List<JsonNode> told, int status, string code)
    {
        var error = told.ShouldHaveSingleItem();
        error["type"].Text().ShouldBe("error");
        error["status"]!.GetValue<int>().ShouldBe(status);
        error["error"]!["code"].Text().ShouldBe(code);
    }

    private static async Task<ClientWebSocket> OpenAsync(OpenAiHost node)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(node.Http.BaseAddress!) { Scheme = "ws", Path = "/v1/responses" }.Uri, CancellationToken.None);
        return socket;
    }

    /// <summary>What comes for a message, until its end.</summary>
    private static async Task<List<JsonNode>> AskAsync(ClientWebSocket socket, string message)
    {
        await SendAsync(socket, message);
        return await ReadAsync(socket);
    }

    private static Task SendAsync(ClientWebSocket socket, string message) => socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, CancellationToken.None);

    private static async Task<List<JsonNode>> ReadAsync(ClientWebSocket socket)
    {
        var told = new List<JsonNode>();
        while (told.Count == 0 || told[^1]["type"].Text() is not ("error" or "response.completed" or "response.failed" or "response.incomplete"))
            told.Add(JsonNode.Parse(await ReceiveAsync(socket))!);
        return told;
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        using var message = new MemoryStream();
        var piece = new byte[4096];
        while (true)
        {
            var got = await socket.ReceiveAsync(piece, CancellationToken.None);
            got.MessageType.ShouldBe(WebSocketMessageType.Text);
            message.Write(piece, 0, got.Count);
            if (got.EndOfMessage) return Encoding.UTF8.GetString(message.ToArray());
        }
    }

    /// <summary>The time of the system, but for waits of an hour, which end when a test says so.</summary>
    private sealed class LastHour : TimeProvider
    {
        private readonly TaskCompletionSource<Action> _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == TimeSpan.FromMinutes(60) && period == Timeout.InfiniteTimeSpan) _waiting.TrySetResult(() => callback(state));
            return System.CreateTimer(callback, state, dueTime, period);
        }

        public async Task PassAsync() => (await _waiting.Task)();
    }
}
