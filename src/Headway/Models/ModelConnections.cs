using System.Net;
using System.Text;

namespace Headway.Models;

/// <summary>The connections to all models: one pool for every provider, kept by address.</summary>
/// <remarks>How many there may be is not limited here. The pools of the features limit how many calls there are; a second limit would make calls
/// wait unseen, and their `timeouts.connect` would pass without anything being wrong with the network.</remarks>
internal static class ModelConnections
{
    /// <summary>A new address of an upstream is noticed after this long.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    /// <summary>Ends connection attempts that no call waits for any more; calls have a limit of their own.</summary>
    private static readonly TimeSpan ConnectLongest = TimeSpan.FromMinutes(1);

    /// <summary>A shared connection (HTTP/2) that is dead without saying so is found out while calls wait on it, well before `timeouts.firstToken` has failed every call on it.</summary>
    private static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PingWithin = TimeSpan.FromSeconds(5);

    public static SocketsHttpHandler Handler() => new()
    {
        // A redirect could carry key and data to another host.
        AllowAutoRedirect = false,
        UseCookies = false,
        Proxy = new ExceptLoopback(HttpClient.DefaultProxy),
        ConnectTimeout = ConnectLongest,
        PooledConnectionLifetime = Life,
        EnableMultipleHttp2Connections = true,
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        KeepAlivePingDelay = PingAfter,
        KeepAlivePingTimeout = PingWithin,
        AutomaticDecompression = DecompressionMethods.All,
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
    };

    /// <summary>The proxy of the environment (HTTP_PROXY, HTTPS_PROXY, NO_PROXY), never for this machine itself: a proxy elsewhere cannot reach a model that is served here.</summary>
    internal sealed class ExceptLoopback(IWebProxy proxy) : IWebProxy
    {
        /// <inheritdoc/>
        public ICredentials? Credentials
        {
            get => proxy.Credentials;
            set => proxy.Credentials = value;
        }

        /// <inheritdoc/>
        public Uri? GetProxy(Uri destination) => destination.IsLoopback ? null : proxy.GetProxy(destination);

        /// <inheritdoc/>
        public bool IsBypassed(Uri host) => host.IsLoopback || proxy.IsBypassed(host);
    }
}
