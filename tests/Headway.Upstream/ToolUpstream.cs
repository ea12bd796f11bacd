using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Headway.Upstream;

/// <summary>A real MCP server on a loopback port (streamable HTTP, 2025-06-18, and the revision of 2026 if asked to), whose tools do as scripted, and which keeps what it was asked.</summary>
public sealed class ToolUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<ToolCall> _calls = [];
    private readonly HashSet<string> _sessions = [];
    private readonly Dictionary<string, int> _asked = [];

    private ToolUpstream(WebApplication app, IReadOnlyList<ToolScript> tools) => (_app, Tools) = (app, tools);

    /// <summary>What it offers; may be changed while it runs.</summary>
    public IReadOnlyList<ToolScript> Tools { get; set; }

    /// <summary>Knows `server/discover` and needs no session.</summary>
    public bool IsNew { get; init; }

    /// <summary>Answers as an event stream in the place of JSON.</summary>
    public bool Streams { get; init; }

    /// <summary>So many tools on a page of the list.</summary>
    public int PageSize { get; init; } = 100;

    /// <summary>What the header Authorization must be; null: anything.</summary>
    public string? Authorization { get; init; }

    /// <summary>What it does when a session is left.</summary>
    public Func<HttpContext, Task> Leaving { get; set; } = _ => Task.CompletedTask;

    /// <summary>What it does before it says which tools it has.</summary>
    public Func<HttpContext, Task> Listing { get; set; } = _ => Task.CompletedTask;

    public Uri Url => new(new Uri(_app.Urls.Single()), "/mcp");

    /// <summary>Calls of tools so far, in the order of their arrival.</summary>
    public IReadOnlyList<ToolCall> Calls
    {
        get
        {
            lock (_calls) return [.. _calls];
        }
    }

    /// <summary>How often a method was asked.</summary>
    public int Asked(string method)
    {
        lock (_calls) return _asked.GetValueOrDefault(method);
    }

    /// <summary>As after a start anew: it knows none of its sessions.</summary>
    public void Forget()
    {
        lock (_calls) _sessions.Clear();
    }

    public static Task<ToolUpstream> StartAsync(params ToolScript[] tools) => StartAsync(app => new ToolUpstream(app, tools));

    /// <summary>One that differs from the usual in something.</summary>
    public static Task<ToolUpstream> StartAsync(bool isNew = false, bool streams = false, int pageSize = 100, string? authorization = null, params ToolScript[] tools) =>
        StartAsync(app => new ToolUpstream(app, tools) { IsNew = isNew, Streams = streams, PageSize = pageSize, Authorization = authorization });

    private static async Task<ToolUpstream> StartAsync(Func<WebApplication, ToolUpstream> make)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var upstream = make(app);
        app.Run(upstream.AnswerAsync);
        await app.StartAsync().ConfigureAwait(false);
        return upstream;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync().ConfigureAwait(false);
        await _app.StopAsync(now.Token).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (Authorization is not null && context.Request.Headers.Authorization != Authorization)
        {
            context.Response.StatusCode = 401;
            return;
        }

        if (context.Request.Method == "DELETE")
        {
            await Leaving(context).ConfigureAwait(false);
            return;
        }

        if (context.Request.Method != "POST" || context.Request.Path != "/mcp")
        {
            context.Response.StatusCode = 405;
            return;
        }

        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var asked = JsonNode.Parse(await reader.ReadToEndAsync(context.RequestAborted).ConfigureAwait(false))!;
        var method = asked["method"]!.GetValue<string>();
        if (!Knows(context, method))
        {
            context.Response.StatusCode = 404;
            return;
        }

        lock (_calls) _asked[method] = _asked.GetValueOrDefault(method) + 1;
        if (asked["id"] is not { } id)
        {
            context.Response.StatusCode = 202;
            return;
        }

        var answer = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id.DeepClone() };
        switch (method)
        {
            case "server/discover" when IsNew:
                answer["result"] = new JsonObject { ["supportedVersions"] = new JsonArray("2026-07-28"), ["capabilities"] = Capabilities(), ["resultType"] = "complete", ["ttlMs"] = 0, ["cacheScope"] = "private" };
                break;
            case "initialize":
                answer["result"] = Begin(context, asked);
                break;
            case "tools/list":
                await Listing(context).ConfigureAwait(false);
                answer["result"] = Page(asked["params"]?["cursor"]?.GetValue<string>());
                break;
            case "tools/call":
                await CallAsync(context, asked["params"]!, answer).ConfigureAwait(false);
                break;
            default:
                answer["error"] = new JsonObject { ["code"] = -32601, ["message"] = $"Method '{method}' is not available." };
                break;
        }

        await WriteAsync(context, answer).ConfigureAwait(false);
    }

    private bool Knows(HttpContext context, string method)
    {
        if (IsNew || method is "initialize" or "server/discover") return true;
        lock (_calls) return _sessions.Contains(context.Request.Headers["Mcp-Session-Id"].ToString());
    }

    private JsonObject Begin(HttpContext context, JsonNode asked)
    {
        lock (_calls)
        {
            var session = $"session-{_asked["initialize"]}";
            _sessions.Add(session);
            context.Response.Headers["Mcp-Session-Id"] = session;
        }

        return new JsonObject
        {
            ["protocolVersion"] = asked["params"]!["protocolVersion"]!.DeepClone(),
            ["capabilities"] = Capabilities(),
            ["serverInfo"] = new JsonObject { ["name"] = "tool-upstream", ["version"] = "1.0" },
        };
    }

    private static JsonObject Capabilities() => new() { ["tools"] = new JsonObject() };

    private JsonObject Page(string? cursor)
    {
        var from = cursor is null ? 0 : int.Parse(cursor, System.Globalization.CultureInfo.InvariantCulture);
        var page = new JsonObject
        {
            ["tools"] = new JsonArray([.. Tools.Skip(from).Take(PageSize).Select(tool => new JsonObject { ["name"] = tool.Name, ["description"] = tool.Description, ["inputSchema"] = JsonNode.Parse(tool.Schema) })]),
        };
        if (IsNew) (page["resultType"], page["ttlMs"], page["cacheScope"]) = ("complete", 0, "private");
        if (from + PageSize < Tools.Count) page["nextCursor"] = (from + PageSize).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return page;
    }

    private async Task CallAsync(HttpContext context, JsonNode asked, JsonObject answer)
    {
        var call = new ToolCall(asked["name"]!.GetValue<string>(), asked["arguments"] as JsonObject ?? [], asked["_meta"] as JsonObject ?? [], context);
        lock (_calls) _calls.Add(call);
        if (Tools.FirstOrDefault(tool => tool.Name == call.Name) is not { } tool)
        {
            answer["error"] = new JsonObject { ["code"] = -32602, ["message"] = $"Unknown tool: '{call.Name}'" };
            return;
        }

        var result = await tool.Work(call).ConfigureAwait(false);
        if (IsNew) result.TryAdd("resultType", "complete");
        answer["result"] = result;
    }

    private async Task WriteAsync(HttpContext context, JsonObject answer)
    {
        context.Response.ContentType = Streams ? "text/event-stream" : "application/json";
        var json = answer.ToJsonString();
        await context.Response.WriteAsync(Streams ? $"event: message\ndata: {json}\n\n" : json, context.RequestAborted).ConfigureAwait(false);
    }
}

/// <summary>A tool, and what it does.</summary>
/// <param name="Work">The result of `tools/call`.</param>
public sealed record ToolScript(string Name, Func<ToolCall, Task<JsonObject>> Work, string Description = "", string Schema = """{"type":"object"}""")
{
    /// <summary>One that says something.</summary>
    public static ToolScript Says(string name, Func<ToolCall, string> text, bool isError = false) => new(name, call => Task.FromResult(Text(text(call), isError)), $"Says what {name} says.");

    /// <summary>A result of one text.</summary>
    public static JsonObject Text(string text, bool isError = false) => new()
    {
        ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text }),
        ["isError"] = isError,
    };
}

/// <summary>What the server was asked.</summary>
public sealed record ToolCall(string Name, JsonObject Arguments, JsonObject Meta, HttpContext Context)
{
    /// <summary>The same for the same call of another attempt.</summary>
    public string Key => Meta["headway/idempotencyKey"]!.GetValue<string>();
}
