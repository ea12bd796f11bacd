using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Headway.Upstream;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Responses;

#pragma warning disable OPENAI001 // What it says of its own future is no matter here.

namespace Headway.Crash.Tests.Hosting;

/// <summary>
/// A node in a process of its own in front of a model that says a piece when it is told to, called by OpenAI's library. The model and the database outlive
/// the node, which can be killed and started again.
/// </summary>
internal sealed class OpenAiNode : IAsyncDisposable
{
    // The first call of the model is answered by the first channel, and so on.
    private const int MostCalls = 4;

    private readonly DataFolder _data = new();
    private readonly Channel<string>[] _says = [.. Enumerable.Range(0, MostCalls).Select(_ => Channel.CreateBounded<string>(100))];
    private HostProcess? _process;

    public ModelUpstream Upstream { get; private set; } = null!;
    public DataFolder Data => _data;
    public Uri Address => _process!.Http.BaseAddress!;
    public HttpClient Http => _process!.Http;
    public ResponsesClient Responses => ResponsesAt(Address);
    public ChatClient Chat => new("fast", new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(Address, "/v1"), RetryPolicy = new ClientRetryPolicy(0) });

    public static async Task<OpenAiNode> StartAsync()
    {
        var node = new OpenAiNode();
        node.Upstream = await ModelUpstream.StartAsync([.. node._says.Select(says => Scripts.Pieces(says.Reader))]);
        await File.WriteAllTextAsync(node.FeatureFile, $$"""
            {{await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "headway.yaml"))}}
            models:
              fast: { provider: openai, baseUrl: "{{node.Upstream.BaseUrl}}", model: m, price: { input: 1.00, output: 2.00 }, budget: { usdPerMonth: 10 }, expose: true }
            """);
        await node.StartAgainAsync();
        return node;
    }

    public static ResponsesClient ResponsesAt(Uri address) =>
        new(new ApiKeyCredential("none"), new ResponsesClientOptions { Endpoint = new Uri(address, "/v1"), RetryPolicy = new ClientRetryPolicy(0) });

    public static CreateResponseOptions Streaming(bool background) =>
        new("fast", [ResponseItem.CreateUserMessageItem("?")]) { StreamingEnabled = true, BackgroundModeEnabled = background ? true : null };

    public static GetResponseOptions Behind(string id, int number) => new(id) { StreamingEnabled = true, StartingAfter = number };

    public async Task StartAgainAsync() => _process = await HostProcess.StartAsync(_data, ("HEADWAY_FILE", FeatureFile));

    public Task KillAsync() => _process!.KillAsync();

    /// <summary>What the model says next in answer to its n-th call, from 0.</summary>
    public ValueTask SayAsync(int call, string piece) => _says[call].Writer.WriteAsync(piece);

    public void EndSaying(int call) => _says[call].Writer.Complete();

    public async Task<JsonNode> JobAsync(string id) => JsonNode.Parse(await Http.GetStringAsync($"/v1/jobs/{id}"))!;

    /// <summary>The job of the only call.</summary>
    public async Task<string> OnlyJobAsync() => JsonNode.Parse(await Http.GetStringAsync("/v1/jobs"))!["jobs"]!.AsArray().ShouldHaveSingleItem()!["id"]!.GetValue<string>();

    public async Task<List<ServerEvent>> EventsAsync(string job) => await _process!.EventsAsync(job).ToListAsync();

    private string FeatureFile => Path.Combine(_data.Root, "headway.yaml");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        await Upstream.DisposeAsync();
        _data.Dispose();
    }
}
