using System.Net;
using System.Net.WebSockets;
using System.Text;
using Headway.Access;
using Headway.AspNetCore.Events;

namespace Headway.AspNetCore.Tests.Events;

/// <summary>Whoever opens connections without end, or reads none of them, takes no more than is his.</summary>
public sealed class SocketBoundsTests
{
    private const string Features = "features: { work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code } }";

    private static Task<HeadwayHost> StartAsync() => HeadwayHost.StartAsync(Features, app => app.MapFeature("work", (Dictionary<string, string> input, FeatureContext _, CancellationToken _) => Task.FromResult(input)));

    [Fact]
    public async Task A_flood_of_connections_is_refused_with_a_reason_and_a_seat_that_is_left_is_free_again()
    {
        await using var node = await StartAsync();
        var open = new List<ClientWebSocket>();
        try
        {
            for (var i = 0; i < SocketSeats.MostPerCaller; i++) open.Add(await OpenAsync(node));

            var refused = await Should.ThrowAsync<WebSocketException>(() => OpenAsync(node));
            refused.Message.ShouldContain("429");
            (await node.Http.GetAsync("/v1/features")).StatusCode.ShouldBe(HttpStatusCode.OK);

            await open[0].CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            ClientWebSocket? again = null;
            while (again is null)
            {
                limit.Token.ThrowIfCancellationRequested();
                try
                {
                    again = await OpenAsync(node);
                }
                catch (WebSocketException)
                {
                    // The node has not heard of the close yet.
                }
            }

            open.Add(again);
        }
        finally
        {
            foreach (var socket in open) socket.Dispose();
        }
    }

    [Fact]
    public void Seats_are_counted_by_key_and_by_address_and_for_all_together()
    {
        var seats = new SocketSeats();
        var (key, beside, near, far) = (new Caller("a", "hw_1", "10.0.0.1"), new Caller("b", "hw_1", "10.0.0.1"), Caller.Local with { Address = "10.0.0.1" }, Caller.Local with { Address = "10.0.0.2" });
        var taken = Enumerable.Range(0, SocketSeats.MostPerCaller).Select(_ => seats.Take(key with { Address = $"10.0.0.{_}" }, out var _)).ToList();
        taken.ShouldAllBe(seat => seat != null);
        (seats.Take(key, out var isOwn), isOwn).ShouldBe((null, true));
        foreach (var other in new[] { beside, near, far }) seats.Take(other, out _).ShouldNotBeNull();

        taken[0]!.Dispose();
        taken[0]!.Dispose();
        seats.Take(key, out _).ShouldNotBeNull();
        seats.Take(key, out _).ShouldBeNull("a seat is given back once");

        var all = SocketSeats.MostPerCaller + 3;
        for (var i = 0; all < SocketSeats.MostPerNode; i++, all++) seats.Take(new Caller("c", $"hw_{i}", null), out _).ShouldNotBeNull();
        (seats.Take(new Caller("c", "hw_last", null), out isOwn), isOwn).ShouldBe((null, false));
    }

    [Fact]
    public async Task What_waits_for_a_reader_who_never_reads_is_bounded_by_bytes_and_one_of_any_size_is_taken()
    {
        var waiting = new UnsentEvents();
        (await waiting.AddAsync(new byte[UnsentEvents.MostBytes * 3], CancellationToken.None)).ShouldBeTrue("nothing else waits");
        var next = waiting.AddAsync(new byte[10], CancellationToken.None).AsTask();
        next.IsCompleted.ShouldBeFalse();
        var large = (await waiting.NextAsync(CancellationToken.None))!.Value;
        next.IsCompleted.ShouldBeFalse("it is being sent, and in memory");
        waiting.Sent(large);
        (await next).ShouldBeTrue();

        for (var i = 0; i < 20; i++) _ = waiting.AddAsync(new byte[UnsentEvents.MostBytes / 4], CancellationToken.None).AsTask();
        waiting.Held.Bytes.ShouldBeLessThanOrEqualTo(UnsentEvents.MostBytes);
        waiting.Held.Count.ShouldBe(4);
        var late = waiting.AddAsync(new byte[1_000_000], CancellationToken.None).AsTask();
        waiting.End();
        (await late).ShouldBeFalse("the connection is over");
    }

    [Fact]
    public async Task Small_ones_are_bounded_by_their_number_and_come_in_their_order()
    {
        var waiting = new UnsentEvents();
        for (var i = 0; i < UnsentEvents.MostMessages; i++) (await waiting.AddAsync(BitConverter.GetBytes(i), CancellationToken.None)).ShouldBeTrue();
        using var stop = new CancellationTokenSource();
        var more = waiting.AddAsync(BitConverter.GetBytes(-1), stop.Token).AsTask();
        more.IsCompleted.ShouldBeFalse();
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => more);
        for (var i = 0; i < UnsentEvents.MostMessages; i++)
        {
            var next = (await waiting.NextAsync(CancellationToken.None))!.Value;
            BitConverter.ToInt32(next.Span).ShouldBe(i);
            waiting.Sent(next);
        }

        waiting.Held.ShouldBe((0, 0));
    }

    private static async Task<ClientWebSocket> OpenAsync(HeadwayHost node)
    {
        var socket = new ClientWebSocket();
        try
        {
            await socket.ConnectAsync(new UriBuilder(node.Http.BaseAddress!) { Scheme = "ws", Path = "/v1/ws" }.Uri, CancellationToken.None);
            // It is open when it answers.
            await socket.SendAsync(Encoding.UTF8.GetBytes("""{"type":"ping"}"""), WebSocketMessageType.Text, true, CancellationToken.None);
            await socket.ReceiveAsync(new byte[256], CancellationToken.None);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
