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

    /// <summary>A moved address is noticed after this.</summary>
    private static readonly TimeSpan ConnectionLife = TimeSpan.FromMinutes(5);

    public static async Task<McpClient> ConnectAsync(ToolServerDefinition server, TimeProvider time, CancellationToken stop) =>
        // Without a logger: the library's own lines hold what was sent.
        await McpClient.CreateAsync(Of(server), new McpClientOptions
        {
            ClientInfo = new Implementation { Name = "headway", Version = typeof(ToolTransport).Assembly.GetName().Version?.ToString(3) ?? "0" },
            InitializationTimeout = server.Timeout,
            DiscoverProbeTimeout = ProbeWithin,
            TimeProvider = time,
        }, cancellationToken: stop).ConfigureAwait(false);

    private static IClientTransport Of(ToolServerDefinition server) => server.Url is { } url
        ? new HttpClientTransport(
            new HttpClientTransportOptions
            {
                Endpoint = url,
                Name = server.Name,
                TransportMode = HttpTransportMode.StreamableHttp,
                // Nothing is waited for outside of calls.
                EnableStandaloneGetStream = false,
                AdditionalHeaders = server.Headers.ToDictionary(header => header.Key, header => header.Value.Trim()),
            }, Client(url), ownsHttpClient: true)
        : new StdioClientTransport(new StdioClientTransportOptions
        {
            Name = server.Name,
            Command = server.Command[0],
            Arguments = [.. server.Command.Skip(1)],
            WorkingDirectory = server.Folder,
            // The keys of models and of the database are in ours.
            InheritEnvironmentVariables = false,
            EnvironmentVariables = Environment(server),
        });

    private static Dictionary<string, string?> Environment(ToolServerDefinition server)
    {
        var variables = StdioClientTransportOptions.GetDefaultEnvironmentVariables().ToDictionary(variable => variable.Key, variable => (string?)variable.Value, StringComparer.Ordinal);
        foreach (var (name, value) in server.Environment) variables[name] = value;
        return variables;
    }

    private static HttpClient Client(Uri url) => new(new Capped(new SocketsHttpHandler
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

    /// <summary>No server can fill this node's memory.</summary>
    private sealed class Capped(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            var content = new StreamContent(new CappedStream(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), MostBytes));
            foreach (var (name, values) in response.Content.Headers) content.Headers.TryAddWithoutValidation(name, values);
            response.Content = content;
            return response;
        }
    }
}
