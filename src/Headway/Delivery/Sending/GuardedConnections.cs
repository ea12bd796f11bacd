using System.Net;
using System.Net.Sockets;

namespace Headway.Delivery.Sending;

/// <summary>Finds the addresses of a host.</summary>
internal delegate Task<IPAddress[]> Resolve(string host, CancellationToken stop);

/// <summary>Connections to receivers: each name is looked up once, each address is checked, and what was checked is connected to.</summary>
/// <remarks>
/// Invariant: no connection is made to an address that was not checked here. A name that leads somewhere else at the next look (DNS rebinding) gains nothing,
/// because nobody looks again; no answer sends a delivery elsewhere, because redirects are not followed; and no proxy is asked, because a proxy looks names up by itself.
/// </remarks>
internal sealed class GuardedConnections : IDisposable
{
    // A moved address is noticed after this.
    private static readonly TimeSpan ConnectionLife = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan IdleFor = TimeSpan.FromSeconds(60);

    // What a receiver says beside its status is nobody's business: so much is read that the connection can be used again, and no more.
    private const int LargestAnswer = 16 * 1024, LargestHeaders = 16;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(1);

    private readonly Resolve _resolve;
    private readonly HttpMessageInvoker _guarded, _allowing;

    public GuardedConnections(Resolve? resolve = null)
    {
        _resolve = resolve ?? Dns.GetHostAddressesAsync;
        (_guarded, _allowing) = (Connections(allowPrivate: false), Connections(allowPrivate: true));
    }

    /// <summary>Two pools: a connection that one endpoint may have must not serve another that may not.</summary>
    public HttpMessageInvoker For(bool allowPrivate) => allowPrivate ? _allowing : _guarded;

    public void Dispose()
    {
        _guarded.Dispose();
        _allowing.Dispose();
    }

    private HttpMessageInvoker Connections(bool allowPrivate) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        // What is compressed stays so: a small answer must not become a large one here.
        AutomaticDecompression = DecompressionMethods.None,
        PooledConnectionLifetime = ConnectionLife,
        PooledConnectionIdleTimeout = IdleFor,
        MaxResponseHeadersLength = LargestHeaders,
        MaxResponseDrainSize = LargestAnswer,
        ResponseDrainTimeout = AnswerWithin,
        // Trace ids of this house are not the receiver's.
        ActivityHeadersPropagator = null,
        ConnectCallback = (context, stop) => ConnectAsync(context.DnsEndPoint, allowPrivate, stop),
    });

    private async ValueTask<Stream> ConnectAsync(DnsEndPoint to, bool allowPrivate, CancellationToken stop)
    {
        var found = IPAddress.TryParse(to.Host, out var literal) ? [literal] : await _resolve(to.Host, stop).ConfigureAwait(false);
        // One bad address among good ones is an attack or a mistake, and in both cases none of them is right.
        if (found.FirstOrDefault(address => !AddressGuard.MayReach(address, allowPrivate)) is { } refused) throw new AddressRefusedException(to.Host, refused);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(found, to.Port, stop).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A name leads to an address that is not to be reached.</summary>
internal sealed class AddressRefusedException(string host, IPAddress address)
    : Exception($"{host} leads to {address}, which webhooks are not posted to. If that is meant, say `allowPrivate: true` at the endpoint; addresses that hand out credentials are never reached.");
