using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.Features;
using ModelContextProtocol.Protocol;

namespace Headway.Handlers.Prompt.Tools;

/// <summary>The tools that the model of one attempt may call, under the names that it knows them by.</summary>
internal sealed class Toolbox
{
    /// <summary>What the APIs of models take; far fewer are chosen well from.</summary>
    private const int MostTools = 128;

    /// <summary>About 60,000 tokens, paid in every round.</summary>
    private const int MostCharacters = 256 * 1024;

    /// <summary>What every API of models takes.</summary>
    private const int LongestName = 64;

    private readonly Dictionary<string, BoxedTool> _tools = new(StringComparer.Ordinal);

    /// <summary>As the body of a chat completion has them.</summary>
    public JsonArray Wire { get; } = [];

    public IReadOnlyCollection<string> Names => _tools.Keys;

    public BoxedTool? Find(string name) => _tools.TryGetValue(name, out var tool) ? tool : null;

    public static async Task<(Toolbox? Box, Failure? Failure)> OpenAsync(IReadOnlyList<string> written, ToolServers servers, DataClass data, CancellationToken stop)
    {
        var names = written.Select(ToolName.Of).ToLookup(name => name.Server, name => name.Tool);
        var listings = new List<(string Server, Task<ToolListing> Listing)>();
        foreach (var server in names.Select(group => group.Key))
        {
            var (found, failure) = servers.Find(server, data);
            if (found is null) return (null, failure);
            listings.Add((server, found.ToolsAsync(stop)));
        }

        await Task.WhenAll(listings.Select(server => server.Listing)).ConfigureAwait(false);
        var box = new Toolbox();
        foreach (var (server, listing) in listings)
        {
            var (tools, failure) = await listing.ConfigureAwait(false);
            if ((failure ?? box.Add(server, [.. names[server]], tools)) is { } missing) return (null, missing);
        }

        return box.Wire.Count > MostTools ? (null, ToolFailures.TooMany($"The tool servers have {box.Wire.Count} tools, and a model takes {MostTools}"))
            : box.Wire.ToJsonString().Length > MostCharacters ? (null, ToolFailures.TooMany($"The descriptions of the tools are longer than {MostCharacters / 1024} Ki characters"))
            : (box, null);
    }

    private Failure? Add(string server, string?[] wanted, IReadOnlyList<Tool> tools)
    {
        foreach (var name in wanted.OfType<string>())
            if (tools.All(tool => tool.Name != name)) return ToolFailures.Missing(new ToolName(server, name), [.. tools.Select(tool => tool.Name)]);
        foreach (var tool in tools.Where(tool => wanted.Contains(null) || wanted.Contains(tool.Name)))
        {
            if (!IsReadInOneWay(tool.InputSchema)) return ToolFailures.Ambiguous(server, tool.Name);
            var name = NameFor(server, tool.Name);
            _tools.Add(name, new BoxedTool(server, tool.Name));
            var function = new JsonObject { ["name"] = name };
            if (tool.Description is { Length: > 0 } description) function["description"] = description;
            function["parameters"] = tool.InputSchema.ValueKind is JsonValueKind.Object ? JsonObject.Create(tool.InputSchema.Clone()) : new JsonObject { ["type"] = "object" };
            Wire.Add((JsonNode)new JsonObject { ["type"] = "function", ["function"] = function });
        }

        return null;
    }

    private static bool IsReadInOneWay(JsonElement schema)
    {
        if (schema.ValueKind is not JsonValueKind.Object) return true;
        try
        {
            using var parsed = JsonDocument.Parse(schema.GetRawText(), new JsonDocumentOptions { AllowDuplicateProperties = false });
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Its own name where that is free and takes no other letters than models know; else with the server's before it.</summary>
    private string NameFor(string server, string tool)
    {
        var name = Clean(tool);
        if (name == tool && !_tools.ContainsKey(name)) return name;
        name = Clean($"{server}_{tool}");
        for (var i = 2; _tools.ContainsKey(name); i++) name = $"{Clean($"{server}_{tool}")[..Math.Min(LongestName - 4, Clean($"{server}_{tool}").Length)]}_{i}";
        return name;
    }

    private static string Clean(string name) => string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' ? letter : '_').Take(LongestName));
}

internal readonly record struct BoxedTool(string Server, string Tool);
