using System.Net;
using System.Text;
using Headway.Features;
using Headway.Models;
using Headway.Models.Providers;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Headway.Handlers.Prompt.Tools;

/// <summary>Makes the connection to a tool server: over HTTP, or to a program that it starts.</summary>
internal static class ToolTransport
{
    /// <summary>No answer of a tool server is larger than this; what is read of a result is less still.</summary>
    public const long MostBytes = 8 * 1024 * 1024;

    /// <summary>A machine that does not answer a connection in this time is not there.</summary>
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(5);

    /// <summary>Older servers that do not know the question are asked in the older way after this.</summary>
    private static readonly TimeSpan ProbeWithin = TimeSpan.FromSeconds(5);

    /// <summary>A server need not be told that nobody comes back, so it is not waited for.</summary>
    public static readonly TimeSpan LeaveWithin = TimeSpan.FromSeconds(2);

    /// <summary>A moved address is noticed after this.</summary>
    private static readonly TimeSpan ConnectionLife = TimeSpan.FromMinutes(5);

    /// <param name="http">For a server with an address; the connections in it outlive the session.</param>
    public static async Task<McpClient> ConnectAsync(ToolServerDefinition server, HttpClient? http, TimeProvider time, CancellationToken stop) =>
        // Without a logger: the library's own lines hold what was sent.
        await McpClient.CreateAsync(Of(server, http), new McpClientOptions
        {
            ClientInfo = new Implementation { Name = "headway", Version = typeof(ToolTransport).Assembly.GetName().Version?.ToString(3) ?? "0" },
            InitializationTimeout = server.Timeout,
            DiscoverProbeTimeout = ProbeWithin,
            TimeProvider = time,
        }, cancellationToken: stop).ConfigureAwait(false);

    public static HttpClient Client(Uri url, TimeProvider time) => new(new Bounded(time, new SocketsHttpHandler
    {
        // A redirect could carry headers and data to another host.
        AllowAutoRedirect = false,
        UseCookies = false,
        Proxy = new ModelConnections.ExceptLoopback(HttpClient.DefaultProxy),
        UseProxy = !url.IsLoopback,
        ConnectTimeout = ConnectWithin,
        PooledConnectionLifetime = ConnectionLife,
        AutomaticDecompression = DecompressionMethods.All,
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
    }))
    {
        // Each call has a limit of its own.
        Timeout = System.Threading.Timeout.InfiniteTimeSpan,
    };

    private static IClientTransport Of(ToolServerDefinition server, HttpClient? http) => server.Url is { } url
        ? new HttpClientTransport(
            new HttpClientTransportOptions
            {
                Endpoint = url,
                Name = server.Name,
                TransportMode = HttpTransportMode.StreamableHttp,
                // Nothing is waited for outside of calls.
                EnableStandaloneGetStream = false,
                AdditionalHeaders = server.Headers.ToDictionary(header => header.Key, header => header.Value.Trim()),
            }, http!)
        : new ProgramTransport(server);

    /// <summary>No server can fill this node's memory, nor hold up its end: the library says farewell without a limit.</summary>
    private sealed class Bounded(TimeProvider time, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Delete)
            {
                using var limit = new CancellationTokenSource(LeaveWithin, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
                return await base.SendAsync(request, either.Token).ConfigureAwait(false);
            }

            var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            var content = new StreamContent(new CappedStream(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), MostBytes));
            foreach (var (name, values) in response.Content.Headers) content.Headers.TryAddWithoutValidation(name, values);
            response.Content = content;
            return response;
        }
    }
}
