using System.Net;
using System.Net.Sockets;
using Headway.Delivery;
using Headway.Delivery.Sending;
using Headway.Features;

namespace Headway.Tests.Delivery;

/// <summary>Which addresses are posted to, however they are written and whatever a name leads to at the next look.</summary>
public sealed class AddressGuardTests
{
    [Theory]
    [InlineData("93.184.216.34")]
    [InlineData("1.1.1.1")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("169.253.255.255")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2a00:1450:4001:81b::200e")]
    [InlineData("::ffff:1.1.1.1")]
    [InlineData("64:ff9b::1.1.1.1")]
    public void Public_addresses_may_be_reached(string address) => AddressGuard.MayReach(IPAddress.Parse(address), allowPrivate: false).ShouldBeTrue();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.255")]
    [InlineData("10.0.0.1")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("100.127.255.255")]
    [InlineData("::1")]
    [InlineData("fc00::1")]
    [InlineData("fd12:3456:789a::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    public void Private_addresses_may_be_reached_where_the_file_says_so(string address)
    {
        AddressGuard.MayReach(IPAddress.Parse(address), allowPrivate: false).ShouldBeFalse();
        AddressGuard.MayReach(IPAddress.Parse(address), allowPrivate: true).ShouldBeTrue();
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.0.1")]
    [InlineData("168.63.129.16")]
    [InlineData("100.100.100.200")]
    [InlineData("192.0.0.192")]
    [InlineData("192.0.2.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.51.100.1")]
    [InlineData("203.0.113.1")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%2")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fd20:ce::254")]
    [InlineData("2001:db8::1")]
    [InlineData("2001:0:4136:e378:8000:63bf:3fff:fdd2")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::ffff:0.0.0.0")]
    [InlineData("::169.254.169.254")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::169.254.169.254")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("64:ff9b::127.0.0.1")]
    [InlineData("64:ff9b:1::1.1.1.1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("2002:101:101::1")]
    [InlineData("2a00:1450::5efe:10.0.0.1")]
    [InlineData("2a00:1450::200:5efe:169.254.169.254")]
    [InlineData("100::1")]
    [InlineData("4000::1")]
    public void Others_are_never_reached(string address)
    {
        AddressGuard.MayReach(IPAddress.Parse(address), allowPrivate: false).ShouldBeFalse();
        AddressGuard.MayReach(IPAddress.Parse(address), allowPrivate: true).ShouldBeFalse();
    }

    private static EndpointDefinition To(string url, bool allowPrivate = false) => new() { Name = "app", Webhook = new Uri(url), Secrets = ["s"], AllowPrivate = allowPrivate };

    private static async Task<PostOutcome> PostAsync(EndpointDefinition endpoint, Resolve? resolve = null)
    {
        using var connections = new GuardedConnections(resolve);
        return await new WebhookPost(connections, TimeProvider.System).SendAsync(endpoint, DeliveryId.New(DateTimeOffset.UnixEpoch), "{}"u8.ToArray(), CancellationToken.None);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("2130706433")]
    [InlineData("0x7f.1")]
    [InlineData("0")]
    public async Task Nothing_is_connected_to_on_this_machine_unless_it_is_allowed(string host)
    {
        await using var receiver = await Receiver.StartAsync();
        var url = $"http://{host}:{new Uri(receiver.Url).Port}/hooks";

        var outcome = await PostAsync(To(url));

        (outcome.Outcome, outcome.Left).ShouldBe((Outcomes.AddressRefused, false));
        outcome.Why!.ShouldContain("allowPrivate");
        receiver.Calls.ShouldBe(0);
    }

    [Fact]
    public async Task What_is_allowed_is_reached_by_name_and_by_address()
    {
        await using var receiver = await Receiver.StartAsync();
        (await PostAsync(To(receiver.Url, allowPrivate: true))).Outcome.ShouldBe(Outcomes.Delivered);
        (await PostAsync(To($"http://inside.example:{new Uri(receiver.Url).Port}/", allowPrivate: true), (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]))).Outcome.ShouldBe(Outcomes.Delivered);
        receiver.Calls.ShouldBe(2);
    }

    [Fact]
    public async Task A_name_that_leads_elsewhere_at_the_next_look_gains_nothing()
    {
        await using var receiver = await Receiver.StartAsync();
        var looks = 0;
        // Unreachable and public at the first look, this machine from the second on.
        var outcome = await PostAsync(To($"http://rebinding.example:{new Uri(receiver.Url).Port}/"), (_, _) => Task.FromResult<IPAddress[]>([Interlocked.Increment(ref looks) == 1 ? IPAddress.Loopback : IPAddress.Parse("1.1.1.1")]));

        (outcome.Outcome, looks, receiver.Calls).ShouldBe((Outcomes.AddressRefused, 1, 0));
    }

    [Fact]
    public async Task One_address_of_this_machine_among_public_ones_is_one_too_many()
    {
        await using var receiver = await Receiver.StartAsync();
        var outcome = await PostAsync(To($"http://both.example:{new Uri(receiver.Url).Port}/"), (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("2606:4700:4700::1111"), IPAddress.Loopback]));
        (outcome.Outcome, receiver.Calls).ShouldBe((Outcomes.AddressRefused, 0));
    }

    [Fact]
    public async Task A_connection_that_one_endpoint_may_have_serves_no_other()
    {
        await using var receiver = await Receiver.StartAsync();
        using var connections = new GuardedConnections();
        var post = new WebhookPost(connections, TimeProvider.System);
        var id = DeliveryId.New(DateTimeOffset.UnixEpoch);
        (await post.SendAsync(To(receiver.Url, allowPrivate: true), id, "{}"u8.ToArray(), CancellationToken.None)).Outcome.ShouldBe(Outcomes.Delivered);
        (await post.SendAsync(To(receiver.Url), id, "{}"u8.ToArray(), CancellationToken.None)).Outcome.ShouldBe(Outcomes.AddressRefused);
    }

    [Fact]
    public async Task A_name_that_is_not_found_is_a_failure_to_connect()
    {
        var outcome = await PostAsync(To("http://nowhere.example/"), (_, _) => throw new SocketException((int)SocketError.HostNotFound));
        (outcome.Outcome, outcome.Left, outcome.CountsAgainst).ShouldBe((Outcomes.ConnectFailed, false, true));
    }
}
