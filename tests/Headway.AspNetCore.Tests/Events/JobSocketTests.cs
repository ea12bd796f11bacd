using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Headway.AspNetCore.Events;

namespace Headway.AspNetCore.Tests.Events;

/// <summary>Following jobs, subjects and features over one connection.</summary>
public sealed class JobSocketTests
{
    private const string Features = """
        features:
          work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }
          talk: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }
        """;

    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task<HeadwayHost> StartAsync() => HeadwayHost.StartAsync(Features, app =>
    {
        app.MapFeature("work", async (Dictionary<string, string> input, FeatureContext _, CancellationToken stop) =>
        {
            await _gate.Task.WaitAsync(stop);
            return new { secret = "of the result" };
        });
        app.MapFeature("talk", (Dictionary<string, string> input, FeatureContext _, CancellationToken stop) => PiecesAsync());
    });

    private static async IAsyncEnumerable<string> PiecesAsync()
    {
        yield return "one ";
        await Task.Yield();
        yield return "two";
    }

    private static async Task<ClientWebSocket> OpenAsync(HeadwayHost node)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(node.Http.BaseAddress!) { Scheme = "ws", Path = "/v1/ws" }.Uri, CancellationToken.None);
        return socket;
    }

    private static Task SayAsync(ClientWebSocket socket, string message) => socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, CancellationToken.None);

    private static async Task<JsonNode> NextAsync(ClientWebSocket socket)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var (buffer, length) = (new byte[256 * 1024], 0);
        while (true)
        {
            var got = await socket.ReceiveAsync(buffer.AsMemory(length), late.Token);
            if (got.MessageType is WebSocketMessageType.Close) throw new InvalidOperationException($"closed: {socket.CloseStatus}");
            length += got.Count;
            if (got.EndOfMessage) return JsonNode.Parse(buffer.AsSpan(0, length))!;
        }
    }

    private static async Task<List<JsonNode>> UntilAsync(ClientWebSocket socket, Func<JsonNode, bool> last)
    {
        var all = new List<JsonNode>();
        do all.Add(await NextAsync(socket));
        while (!last(all[^1]));
        return all;
    }

    private static async Task<string> CallAsync(HeadwayHost node, string feature, string? subject = null)
    {
        using var call = new HttpRequestMessage(HttpMethod.Post, $"/v1/features/{feature}") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        if (subject is not null) call.Headers.Add("Headway-Subject", subject);
        using var answer = await node.Http.SendAsync(call);
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["id"]!.GetValue<string>();
    }

    private static string? Type(JsonNode told) => told["type"]!.GetValue<string>();

    [Fact]
    public async Task A_feature_and_a_subject_are_followed_through_their_states_and_no_content_is_told()
    {
        await using var node = await StartAsync();
        using var socket = await OpenAsync(node);
        await SayAsync(socket, """{"type":"subscribe","id":"f","feature":"work"}""");
        await SayAsync(socket, """{"type":"subscribe","id":"s","subject":"encounter/1"}""");
        (await UntilAsync(socket, told => Type(told) == "subscribed" && told["id"]!.GetValue<string>() == "s")).Count.ShouldBe(2);

        var job = await CallAsync(node, "work", "encounter/1");
        var other = await CallAsync(node, "talk", "encounter/2");
        _gate.SetResult();

        var (feature, subject) = (new List<JsonNode>(), new List<JsonNode>());
        while (!feature.Exists(IsDone) || !subject.Exists(IsDone))
        {
            var told = await NextAsync(socket);
            Type(told).ShouldBe("event");
            (told["id"]!.GetValue<string>() == "f" ? feature : subject).Add(told);
            told["data"]!["id"]!.GetValue<string>().ShouldBe(job);
            told.ToJsonString().ShouldNotContain("of the result");
            told.ToJsonString().ShouldNotContain(other);
        }

        var audit = JsonNode.Parse(await node.Http.GetStringAsync($"/v1/jobs/{job}/audit"))!["events"]!.AsArray().Select(entry => entry!["action"]!.GetValue<string>());
        audit.ShouldNotContain("delivered");
        static bool IsDone(JsonNode told) => told["data"]!["state"]!.GetValue<string>() == "succeeded";
    }

    [Fact]
    public async Task Whoever_comes_back_after_a_number_is_told_of_what_ended_meanwhile()
    {
        await using var node = await StartAsync();
        long number;
        string job;
        using (var socket = await OpenAsync(node))
        {
            await SayAsync(socket, """{"type":"subscribe","id":"f","feature":"work"}""");
            await NextAsync(socket);
            job = await CallAsync(node, "work");
            number = (await NextAsync(socket))["number"]!.GetValue<long>();
        }

        _gate.SetResult();
        await node.Http.GetAsync($"/v1/jobs/{job}/result");
        var later = await CallAsync(node, "work");
        using var again = await OpenAsync(node);
        await SayAsync(again, $$"""{"type":"subscribe","id":"f","feature":"work","after":{{number}}}""");

        var done = new HashSet<string>();
        while (done.Count < 2)
        {
            var told = await NextAsync(again);
            if (Type(told) == "event" && told["data"]!["state"]!.GetValue<string>() == "succeeded") done.Add(told["data"]!["id"]!.GetValue<string>());
        }

        done.ShouldBe([job, later], ignoreOrder: true);
    }

    [Fact]
    public async Task Events_of_a_job_are_those_over_HTTP_and_each_reading_is_audited()
    {
        await using var node = await StartAsync();
        using var socket = await OpenAsync(node);
        var job = await CallAsync(node, "talk");
        await SayAsync(socket, $$"""{"type":"subscribe","id":"j","job":"{{job}}"}""");

        var told = await UntilAsync(socket, one => Type(one) == "unsubscribed");

        var events = told.Where(one => Type(one) == "event").ToList();
        events[^1]["event"]!.GetValue<string>().ShouldBe("end");
        var numbered = events.Where(one => one["number"] is not null).ToList();
        numbered.Select(one => one["number"]!.GetValue<long>()).ShouldBeInOrder();
        await SayAsync(socket, $$"""{"type":"subscribe","id":"j","job":"{{job}}","after":{{numbered[0]["number"]!.GetValue<long>()}}}""");
        var rest = (await UntilAsync(socket, one => Type(one) == "unsubscribed")).Where(one => one["number"] is not null).ToList();
        rest.Select(one => one.ToJsonString()).ShouldBe(numbered.Skip(1).Select(one => one.ToJsonString()));
        var audit = JsonNode.Parse(await node.Http.GetStringAsync($"/v1/jobs/{job}/audit"))!["events"]!.AsArray();
        audit.Count(entry => entry!["action"]!.GetValue<string>() == "delivered" && entry["purpose"]?.GetValue<string>() == "events").ShouldBe(2);
    }

    [Theory]
    [InlineData("no json", "socket-message-invalid")]
    [InlineData("""{"type":"shout"}""", "socket-message-invalid")]
    [InlineData("""{"type":"subscribe","feature":"work"}""", "socket-message-invalid")]
    [InlineData("""{"type":"subscribe","id":"a","feature":"work","subject":"b"}""", "socket-message-invalid")]
    [InlineData("""{"type":"subscribe","id":"a","job":"job_00000000000000000000000000000000"}""", "job-unknown")]
    [InlineData("""{"type":"unsubscribe","id":"a"}""", "subscription-unknown")]
    public async Task What_cannot_be_done_is_told_and_the_connection_goes_on(string message, string code)
    {
        await using var node = await StartAsync();
        using var socket = await OpenAsync(node);
        await SayAsync(socket, message);
        var told = await NextAsync(socket);
        (Type(told), told["code"]!.GetValue<string>()).ShouldBe(("error", code));
        await SayAsync(socket, """{"type":"ping","id":"p"}""");
        (await NextAsync(socket)).ToJsonString().ShouldBe("""{"type":"pong","id":"p"}""");
    }

    [Fact]
    public async Task A_connection_has_as_many_subscriptions_as_it_may_and_gives_them_up()
    {
        await using var node = await StartAsync();
        using var socket = await OpenAsync(node);
        for (var i = 0; i <= JobSocket.MostSubscriptions; i++)
        {
            await SayAsync(socket, $$"""{"type":"subscribe","id":"{{i}}","subject":"nobody/1"}""");
            var told = await NextAsync(socket);
            Type(told).ShouldBe(i < JobSocket.MostSubscriptions ? "subscribed" : "error");
            // Not faster than a caller may ask.
            if (i % (JobSocket.MostAsked - 1) == JobSocket.MostAsked - 2) await NextSecondAsync(node);
        }

        await NextSecondAsync(node);
        await SayAsync(socket, """{"type":"unsubscribe","id":"3"}""");
        Type(await NextAsync(socket)).ShouldBe("unsubscribed");
        await SayAsync(socket, """{"type":"subscribe","id":"x","subject":"nobody/2"}""");
        Type(await NextAsync(socket)).ShouldBe("subscribed");
    }

    // A call that waits for a second and no longer: for a job that does not end.
    private static async Task NextSecondAsync(HeadwayHost node)
    {
        var job = await CallAsync(node, "work");
        using var wait = new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/{job}");
        wait.Headers.Add("Prefer", "wait=2");
        using var _ = await node.Http.SendAsync(wait);
    }

    [Fact]
    public async Task A_flood_and_a_message_that_is_too_long_close_the_connection_with_a_code()
    {
        await using var node = await StartAsync();
        using var flood = await OpenAsync(node);
        for (var i = 0; i < 200 && flood.State is WebSocketState.Open; i++) await SayAsync(flood, """{"type":"ping"}""");
        (await CloseOfAsync(flood)).ShouldBe(WebSocketCloseStatus.PolicyViolation);
        using var tooLong = await OpenAsync(node);
        await SayAsync(tooLong, new string(' ', JobSocket.LargestAsk + 1));
        (await CloseOfAsync(tooLong)).ShouldBe(WebSocketCloseStatus.MessageTooBig);
    }

    private static async Task<WebSocketCloseStatus?> CloseOfAsync(ClientWebSocket socket)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var buffer = new byte[4_096];
        while ((await socket.ReceiveAsync(buffer.AsMemory(), late.Token)).MessageType is not WebSocketMessageType.Close)
        {
        }

        return socket.CloseStatus;
    }

    [Fact]
    public async Task Over_plain_HTTP_it_says_what_it_is()
    {
        await using var node = await StartAsync();
        using var answer = await node.Http.GetAsync("/v1/ws");
        ((int)answer.StatusCode).ShouldBe(426);
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!.GetValue<string>().ShouldBe("socket-expected");
    }

    [Fact]
    public async Task A_node_that_stops_says_so()
    {
        var node = await StartAsync();
        using var socket = await OpenAsync(node);
        await SayAsync(socket, """{"type":"ping"}""");
        await NextAsync(socket);
        var stopping = node.DisposeAsync();
        (await CloseOfAsync(socket)).ShouldBe(WebSocketCloseStatus.EndpointUnavailable);
        await stopping;
    }
}
