using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Headway.Models;
using Headway.Models.Providers.OpenAi;
using Headway.Tests.Models.OpenAi;
using Headway.Upstream;

namespace Headway.Tests.Models;

public sealed class ConnectionsTests
{
    [Fact]
    public async Task Over_TLS_calls_at_the_same_time_share_a_connection()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var from = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(from, from.AddYears(100));
        var go = new TaskCompletionSource();
        var stream = Scripts.Fixture("openai/stream");
        await using var upstream = await ModelUpstream.StartAsync(certificate, Scripts.Events(stream), Scripts.StallAfter("", go.Task, stream));
        var handler = ModelConnections.Handler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.GetCertHashString() == certificate.GetCertHashString();
        using var http = new HttpMessageInvoker(handler);
        var provider = new OpenAiProvider(http, new ManualTime(), OpenAiHost.OpenAi);
        var model = Asking.Define("fast", upstream.BaseUrl);
        Task<ModelReply> AskAsync() => provider.AskAsync(model, Asking.Request(), null, CancellationToken.None);

        (await AskAsync()).ShouldBeOfType<ModelReply.Answered>();
        var both = Task.WhenAll(AskAsync(), AskAsync());
        await upstream.ArrivedAsync(3);
        go.SetResult();

        (await both).ShouldAllBe(reply => reply is ModelReply.Answered);
        upstream.Calls.ShouldAllBe(call => call.Protocol == "HTTP/2");
        upstream.Connections.ShouldBe(1);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8000/v1", true)]
    [InlineData("http://localhost:8000/v1", true)]
    [InlineData("http://[::1]:8000/v1", true)]
    [InlineData("https://api.openai.com/v1", false)]
    [InlineData("https://inside.example.com/v1", true)]
    public void The_proxy_of_the_environment_is_not_asked_for_this_machine(string address, bool direct)
    {
        var proxy = new ModelConnections.ExceptLoopback(new WebProxy("http://proxy.example.com:3128", false, ["inside"]));

        proxy.IsBypassed(new Uri(address)).ShouldBe(direct);
        if (new Uri(address).IsLoopback)
            proxy.GetProxy(new Uri(address)).ShouldBeNull();
    }

    [Fact]
    public void A_connection_that_is_dead_without_saying_so_is_found_out_while_calls_wait_on_it()
    {
        using var handler = ModelConnections.Handler();

        handler.KeepAlivePingPolicy.ShouldBe(HttpKeepAlivePingPolicy.WithActiveRequests);
        (handler.KeepAlivePingDelay + handler.KeepAlivePingTimeout).ShouldBeLessThan(new Headway.Features.ModelTimeouts().FirstToken);
        handler.MaxConnectionsPerServer.ShouldBe(int.MaxValue);
        handler.AllowAutoRedirect.ShouldBeFalse();
    }
}
