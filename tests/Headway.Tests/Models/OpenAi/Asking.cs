using System.Text;
using System.Text.Json.Nodes;
using Headway.Features;
using Headway.Models;
using Headway.Upstream;

namespace Headway.Tests.Models.OpenAi;

/// <summary>A model of the openai provider, a scripted server behind it, and a clock that is moved by hand.</summary>
internal sealed class Asking : IAsyncDisposable
{
    public const string Key = "sk-proj-Yb5nC1xZ0Wq5T9yuB1";

    private readonly ModelCatalog _catalog;

    private Asking(ModelUpstream upstream)
    {
        Upstream = upstream;
        Model = Define("fast", upstream.BaseUrl);
        _catalog = Catalogs.Of(Time, Model);
    }

    public ModelUpstream Upstream { get; }
    public ManualTime Time { get; } = new();
    public ModelDefinition Model { get; private set; }
    public StringBuilder Shown { get; } = new();
    public List<ModelPiece> Pieces { get; } = [];
    public TaskCompletionSource FirstShown { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static async Task<Asking> StartAsync(params Script[] scripts) => new(await ModelUpstream.StartAsync(scripts));

    public static ModelDefinition Define(string name, Uri baseUrl, int firstToken = 4) => new()
    {
        Name = name,
        Provider = "openai",
        BaseUrl = baseUrl,
        ApiKey = Key,
        Model = "gpt-5-mini",
        Price = new ModelPrice(0.25m, 2.00m),
        Headers = new Dictionary<string, string> { ["X-Team"] = "triage" },
        Timeouts = new ModelTimeouts
        {
            Connect = TimeSpan.FromSeconds(2),
            FirstToken = TimeSpan.FromSeconds(firstToken),
            Idle = TimeSpan.FromSeconds(10),
            Total = TimeSpan.FromSeconds(60),
        },
    };

    public void Change(Func<ModelDefinition, ModelDefinition> change) => Model = change(Model);

    public Task<ModelReply> AskAsync(ModelRequest? request = null, CancellationToken stop = default) =>
        _catalog.ProviderOf(Model)!.AskAsync(Model, request ?? Request(), Show, stop);

    public async Task<ModelAnswer> AnswerAsync(ModelRequest? request = null)
    {
        var reply = await AskAsync(request);
        return reply.ShouldBeOfType<ModelReply.Answered>(reply.ToString()).Answer;
    }

    public async Task<ModelFault> FaultAsync(ModelRequest? request = null)
    {
        var reply = await AskAsync(request);
        return reply.ShouldBeOfType<ModelReply.Failed>(reply.ToString()).Fault;
    }

    /// <summary>Ends when the text was shown and the provider waits for the next piece: two timers run, on silence and on the whole.</summary>
    public async Task SilentAfterAsync(string text)
    {
        while (ShownSoFar() != text || Time.Timers < 2)
            await Task.Yield();
    }

    // The provider appends on a thread of its own.
    private string ShownSoFar()
    {
        lock (Shown) return Shown.ToString();
    }

    public static ModelRequest Request(bool stream = true, string? body = null) => new()
    {
        Body = (JsonObject)JsonNode.Parse(body ?? """{"messages":[{"role":"user","content":"What does she take?"}],"temperature":0.2,"x_unknown":[1]}""")!,
        Stream = stream,
    };

    public async ValueTask DisposeAsync()
    {
        _catalog.Dispose();
        await Upstream.DisposeAsync();
    }

    private ValueTask Show(ModelPiece piece, CancellationToken stop)
    {
        lock (Shown)
        {
            Shown.Append(piece.Text);
            Pieces.Add(piece);
        }

        // A role, or what an upstream thought of its filters, is no piece of the answer.
        if (piece.Text is not null) FirstShown.TrySetResult();
        return ValueTask.CompletedTask;
    }
}
