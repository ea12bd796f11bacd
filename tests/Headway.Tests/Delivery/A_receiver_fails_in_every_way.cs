using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using Headway.Access;
using Headway.Delivery;
using Headway.Jobs.Storage;
using Headway.Storage;
using Headway.Tests.Jobs;
using Headway.Tests.Storage;
using Microsoft.AspNetCore.Http;

namespace Headway.Tests.Delivery;

/// <summary>Whatever a receiver does, a delivery is tried again along its schedule, ends, and is told.</summary>
public sealed class A_receiver_fails_in_every_way : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private Receiver? _receiver;
    private TellingNode _node = null!;

    private static string Features(string url, string more = "") => $$"""
        endpoints: { app: { webhook: "{{url}}", secret: s, allowPrivate: true{{more}} } }
        features: { work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, delivery: [ endpoint: app ] } }
        """;

    private async Task<JobId> BeginAsync(string url)
    {
        _node = await TellingNode.StartAsync(Features(url), code => code.Add<Order, Order>("work", (order, _, _) => Task.FromResult(order)), _time);
        return await _node.AcceptedAsync(_node.Call("work"));
    }

    private async Task<JobId> BeginAsync(Func<HttpContext, int, Task> answer) => await BeginAsync((_receiver = await Receiver.StartAsync(answer)).Url);

    private async Task<DeliveryRecord> DeliveryAsync(JobId id) => (await _node.DeliveriesAsync(id)).ShouldHaveSingleItem();

    public async ValueTask DisposeAsync()
    {
        if (_receiver is not null) await _receiver.DisposeAsync();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task It_is_tried_ten_times_over_three_days_and_given_up_and_can_be_replayed()
    {
        var well = false;
        var id = await BeginAsync((context, _) => Receiver.With(context, well ? 200 : 500));
        double[] seconds = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
        var ids = new HashSet<string>();
        for (var tries = 1; tries <= 10; tries++)
        {
            ids.Add((await _receiver!.NextAsync()).Id);
            await _node.MarkedAsync();
            var delivery = await DeliveryAsync(id);
            delivery.Attempts.Count.ShouldBe(tries);
            delivery.State.ShouldBe(tries == 10 ? DeliveryState.Dead : DeliveryState.Pending);
            if (delivery.Next is not { } next) break;
            (next - _time.GetUtcNow()).TotalSeconds.ShouldBeInRange(seconds[tries - 1] * 0.9, seconds[tries - 1] * 1.1);
            _time.Advance(next - _time.GetUtcNow());
        }

        ids.Count.ShouldBe(1, "the webhook-id is that of the delivery");
        var dead = await DeliveryAsync(id);
        dead.Attempts.ShouldAllBe(attempt => attempt.Outcome == Outcomes.ServerError && attempt.Status == 500);
        (dead.Next, dead.Ended).ShouldBe((null, _time.GetUtcNow()));
        (await _node.ToldAsync(id, "disclosed")).Length.ShouldBe(10);
        (await _node.ToldAsync(id, "delivered")).ShouldBeEmpty();
        var status = await _node.EndpointAsync("app");
        (status.State, status.Failures, status.Queue.Dead, status.Queue.Pending).ShouldBe((EndpointState.Down, 10, 1, 0));

        well = true;
        _time.Advance(Breaker.Pause);
        (await _node.Engine.Endpoints.ReplayAsync(Caller.Local, dead.Id)).How.ShouldBe(Redelivery.Done);
        (await _receiver!.NextAsync()).Id.ShouldBe(ids.Single());
        await _node.MarkedAsync();
        var delivered = await DeliveryAsync(id);
        (delivered.State, delivered.Attempts.Count).ShouldBe((DeliveryState.Delivered, 11));
        (await _node.ToldAsync(id, "delivered")).ShouldHaveSingleItem().Recipient.ShouldBe("app");
        (await _node.ToldAsync(id, "replayed")).ShouldHaveSingleItem();
        (await _node.EndpointAsync("app")).State.ShouldBe(EndpointState.Active);
    }

    [Fact]
    public async Task What_was_given_up_since_a_time_is_recovered()
    {
        var id = await BeginAsync((context, call) => Receiver.With(context, call == 1 ? 500 : 200));
        await _node.MarkedAsync();
        await _node.Engine.Database.WriteAsync(new Change("UPDATE deliveries SET state = 2, ended = 1"));

        (await _node.Engine.Endpoints.RecoverAsync(Caller.Local, "app", _time.GetUtcNow().AddSeconds(1))).ShouldBe(0);
        (await _node.Engine.Endpoints.RecoverAsync(Caller.Local with { Tenant = "another" }, "app", DateTimeOffset.UnixEpoch)).ShouldBe(0);
        (await _node.Engine.Endpoints.RecoverAsync(Caller.Local, "app", _time.GetUtcNow().AddHours(-1))).ShouldBe(1);

        await _node.MarkedAsync();
        (await DeliveryAsync(id)).State.ShouldBe(DeliveryState.Delivered);
        (await _node.ToldAsync(id, "replayed")).ShouldHaveSingleItem().Feature.ShouldBe("work");
    }

    [Theory]
    [InlineData(400, "refused")]
    [InlineData(404, "refused")]
    [InlineData(422, "refused")]
    [InlineData(408, "server-error")]
    [InlineData(500, "server-error")]
    [InlineData(503, "server-error")]
    [InlineData(429, "rate-limited")]
    [InlineData(301, "redirect")]
    [InlineData(304, "redirect")]
    public async Task An_answer_that_is_no_success_is_tried_again(int status, string outcome)
    {
        var id = await BeginAsync((context, call) => Receiver.With(context, call == 1 ? status : 202));
        await _node.MarkedAsync();
        (await DeliveryAsync(id)).Attempts.ShouldHaveSingleItem().ShouldSatisfyAllConditions(attempt => attempt.Outcome.ShouldBe(outcome), attempt => attempt.Status.ShouldBe(status));

        _time.Advance(TimeSpan.FromSeconds(6));
        await _node.MarkedAsync();
        (await DeliveryAsync(id)).State.ShouldBe(DeliveryState.Delivered);
        (await _node.ToldAsync(id, "disclosed")).ShouldHaveSingleItem().Outcome.ShouldBe(outcome);
    }

    [Fact]
    public async Task What_waits_for_an_endpoint_that_was_taken_out_is_given_up_after_its_time_and_holds_its_record_no_longer()
    {
        var given = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var id = await BeginAsync((context, _) => Receiver.With(context, 500));
        _node.Fault = boundary =>
        {
            if (boundary == "GiveUpUnregistered:after-commit") given.TrySetResult();
        };
        await _node.MarkedAsync();
        await _node.ReloadAsync("features: { work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code } }");
        var next = (await DeliveryAsync(id)).Next!.Value;
        _time.Advance(next - _time.GetUtcNow() + DeliverySchedule.Whole - TimeSpan.FromMinutes(1));
        (await DeliveryAsync(id)).State.ShouldBe(DeliveryState.Pending, "it may come back");
        (await PrunedAsync(id)).ShouldBeFalse("somebody is still to be told of it");

        _time.Advance(TimeSpan.FromMinutes(2));
        await given.Task.WaitAsync(TimeSpan.FromSeconds(30));

        var dead = await DeliveryAsync(id);
        (dead.State, dead.Next, dead.Attempts[^1].Outcome).ShouldBe((DeliveryState.Dead, null, Outcomes.Unregistered));
        await _node.Log.UntilAsync("is not in the feature file any more");
        (await PrunedAsync(id)).ShouldBeTrue();
    }

    private async Task<bool> PrunedAsync(JobId id)
    {
        await _node.Engine.Database.WriteAsync(new Change("UPDATE jobs SET prune = 1"));
        await _node.Engine.Database.WriteAsync(new PruneHistory(_time.GetUtcNow().AddYears(1).ToUnixTimeMilliseconds(), 10));
        return _node.Number($"SELECT count(*) FROM jobs WHERE id = {TestDatabase.Id(id)}") == 0;
    }

    [Fact]
    public async Task A_redirect_is_followed_nowhere()
    {
        await using var metadata = await Receiver.StartAsync();
        var id = await BeginAsync((context, _) =>
        {
            context.Response.Redirect(metadata.Url, permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });
        await _node.MarkedAsync();
        (await DeliveryAsync(id)).Attempts.ShouldHaveSingleItem().Outcome.ShouldBe(Outcomes.Redirect);
        (metadata.Calls, _receiver!.Calls).ShouldBe((0, 1));
    }

    [Theory]
    [InlineData("600", 600)]
    [InlineData("9999999", 86_400)]
    [InlineData("1", 4.5)]
    public async Task A_receiver_that_asks_for_a_pause_gets_it_within_limits(string retryAfter, double seconds)
    {
        var id = await BeginAsync((context, _) =>
        {
            context.Response.Headers.RetryAfter = retryAfter;
            return Receiver.With(context, 429);
        });
        await _node.MarkedAsync();
        ((await DeliveryAsync(id)).Next!.Value - _time.GetUtcNow()).TotalSeconds.ShouldBeInRange(seconds, seconds * 1.25);
        var status = await _node.EndpointAsync("app");
        (status.State, status.Failures).ShouldBe((EndpointState.Held, 0));
        (status.Until!.Value - _time.GetUtcNow()).ShouldBeLessThanOrEqualTo(Breaker.LongestHold);
    }

    [Fact]
    public async Task Gone_disables_the_endpoint_until_somebody_or_another_secret_brings_it_back()
    {
        var status = 410;
        var id = await BeginAsync((context, _) => Receiver.With(context, status));
        await _node.MarkedAsync();
        (await DeliveryAsync(id)).ShouldSatisfyAllConditions(delivery => delivery.State.ShouldBe(DeliveryState.Pending), delivery => delivery.Attempts.Single().Outcome.ShouldBe(Outcomes.Gone));
        (await _node.EndpointAsync("app")).State.ShouldBe(EndpointState.Disabled);
        await _node.RestartAsync();
        _time.Advance(TimeSpan.FromHours(1));
        (await _node.EndpointAsync("app")).State.ShouldBe(EndpointState.Disabled, "it is kept in the database");
        _receiver!.Calls.ShouldBe(1);

        (await _node.Engine.Endpoints.EnableAsync("app")).ShouldBeTrue();
        await _node.MarkedAsync();
        (await _node.EndpointAsync("app")).State.ShouldBe(EndpointState.Disabled, "it said so again");

        status = 204;
        _time.Advance(TimeSpan.FromHours(1));
        await _node.ReloadAsync(Features(_receiver.Url, ", previousSecret: older"));
        await _node.MarkedAsync();
        (await DeliveryAsync(id)).State.ShouldBe(DeliveryState.Delivered);
        (await _node.EndpointAsync("app")).State.ShouldBe(EndpointState.Active);
    }

    [Fact]
    public async Task Silence_ends_after_twenty_seconds()
    {
        var id = await BeginAsync(async (_, _) => await _receiver!.Over);
        await _receiver!.NextAsync();
        _time.Advance(TimeSpan.FromSeconds(19));
        (await DeliveryAsync(id)).Attempts.ShouldBeEmpty();
        _time.Advance(TimeSpan.FromSeconds(1));
        await _node.MarkedAsync();
        (await DeliveryAsync(id)).Attempts.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            attempt => attempt.Outcome.ShouldBe(Outcomes.Timeout), attempt => attempt.Status.ShouldBeNull(), attempt => attempt.Took.ShouldBe(TimeSpan.FromSeconds(20)));
        (await _node.ToldAsync(id, "disclosed")).ShouldHaveSingleItem().Outcome.ShouldBe(Outcomes.Timeout);
    }

    [Fact]
    public async Task Nobody_there_discloses_nothing()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();
        var id = await BeginAsync($"http://127.0.0.1:{port}/");
        await _node.MarkedAsync();
        (await DeliveryAsync(id)).Attempts.ShouldHaveSingleItem().Outcome.ShouldBe(Outcomes.ConnectFailed);
        (await _node.ToldAsync(id, "disclosed")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Metadata_is_never_asked_even_where_private_addresses_are_allowed()
    {
        var id = await BeginAsync("http://169.254.169.254/latest/api/token");
        await _node.MarkedAsync();
        (await DeliveryAsync(id)).Attempts.ShouldHaveSingleItem().Outcome.ShouldBe(Outcomes.AddressRefused);
        (await _node.ToldAsync(id, "disclosed")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_connection_that_is_cut_is_tried_again()
    {
        var id = await BeginAsync((context, call) =>
        {
            if (call == 1) context.Abort();
            return Task.CompletedTask;
        });
        await _node.MarkedAsync();
        (await DeliveryAsync(id)).Attempts.ShouldHaveSingleItem().Outcome.ShouldBe(Outcomes.Broken);
        (await _node.ToldAsync(id, "disclosed")).ShouldHaveSingleItem().Outcome.ShouldBe(Outcomes.Broken);
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read_to_its_end()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var writing = Task.Run(async () =>
        {
            using var socket = await listener.AcceptSocketAsync();
            await socket.ReceiveAsync(new byte[64 * 1024]);
            await socket.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray());
            byte[] piece = [.. "10000\r\n"u8, .. new byte[64 * 1024], .. "\r\n"u8];
            var written = 0L;
            try
            {
                while (true) written += await socket.SendAsync(piece);
            }
            catch (SocketException)
            {
                return written;
            }
        });
        var id = await BeginAsync($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        await _node.MarkedAsync();
        (await DeliveryAsync(id)).State.ShouldBe(DeliveryState.Delivered, "its status says so");
        // What the system holds between two sockets counts as written.
        (await writing.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBeLessThan(64 * 1024 * 1024);
    }

    [Fact]
    public async Task What_is_compressed_is_not_unpacked()
    {
        var id = await BeginAsync(async (context, _) =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await using var packed = new GZipStream(context.Response.Body, CompressionLevel.SmallestSize);
            var nothing = new byte[1024 * 1024];
            for (var i = 0; i < 200; i++) await packed.WriteAsync(nothing);
        });
        var before = GC.GetTotalAllocatedBytes();
        await _node.MarkedAsync();
        (await DeliveryAsync(id)).State.ShouldBe(DeliveryState.Delivered);
        (GC.GetTotalAllocatedBytes() - before).ShouldBeLessThan(100 * 1024 * 1024);
    }

    [Fact]
    public async Task An_answer_in_drops_is_bounded_and_so_are_its_headers()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var dripped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var dripping = Task.Run(async () =>
        {
            using var socket = await listener.AcceptSocketAsync();
            await socket.ReceiveAsync(new byte[64 * 1024]);
            await socket.SendAsync("HTTP/1.1 200 OK\r\n"u8.ToArray());
            dripped.SetResult();
            // Never a last line: the client leaves.
            while (await socket.ReceiveAsync(new byte[1024]) > 0)
            {
            }
        });
        var id = await BeginAsync($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        await dripped.Task.WaitAsync(TimeSpan.FromSeconds(20));
        _time.Advance(TimeSpan.FromSeconds(20));
        await _node.MarkedAsync();
        (await DeliveryAsync(id)).Attempts.ShouldHaveSingleItem().Outcome.ShouldBe(Outcomes.Timeout);
        await dripping.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_test_is_sent_once_and_tells_what_became_of_it()
    {
        await BeginAsync((context, call) => Receiver.With(context, call == 2 ? 500 : 200));
        await _node.MarkedAsync();
        await _receiver!.NextAsync();

        var failed = await _node.Engine.Endpoints.TestAsync(Caller.Local, "app");
        (failed!.State, failed.Attempts.Single().Status, failed.Event).ShouldBe((DeliveryState.Dead, 500, "test"));
        var got = await _receiver.NextAsync();
        (got.Type, got.Id, got.Data.GetProperty("endpoint").GetString()).ShouldBe(("test", failed.Id.ToString(), "app"));
        (await _node.Engine.Endpoints.TestAsync(Caller.Local, "app"))!.State.ShouldBe(DeliveryState.Delivered);
        (await _node.Engine.Endpoints.TestAsync(Caller.Local, "none")).ShouldBeNull();
        (await _node.Engine.Endpoints.ReplayAsync(Caller.Local, failed.Id)).How.ShouldBe(Redelivery.IsTest);
    }

    [Fact]
    public async Task A_mark_that_the_disk_refuses_is_made_up_for()
    {
        var refused = 0;
        var id = await BeginAsync((context, _) => Receiver.With(context, 200));
        await _node.MarkedAsync();
        _node.Fault = boundary =>
        {
            if (boundary == "MarkDelivery:before-commit" && Interlocked.Increment(ref refused) == 1) throw new StorageException("storage-full", "The disk is full.");
        };
        var second = await _node.AcceptedAsync(_node.Call("work"));
        string[] ids = [(await _receiver!.NextAsync()).Id, (await _receiver.NextAsync()).Id];
        await _node.Log.UntilAsync("is sent again when its claim has lapsed");
        (await DeliveryAsync(second)).Next.ShouldBeNull();

        _time.Advance(TimeSpan.FromSeconds(41));
        (await _receiver.NextAsync()).Id.ShouldBe(ids[1]);
        await _node.MarkedAsync(2);

        (await DeliveryAsync(second)).Attempts.Select(attempt => attempt.Outcome).ShouldBe([Outcomes.Lost, Outcomes.Delivered]);
        (await _node.ToldAsync(second, "disclosed")).ShouldHaveSingleItem().Outcome.ShouldBe(Outcomes.Lost);
        (await DeliveryAsync(id)).Attempts.Count.ShouldBe(1);
    }
}
