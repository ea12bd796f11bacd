using System.Text.Json.Nodes;
using Headway.Features;
using Headway.Models;
using Headway.Tests.Models.OpenAi;
using Headway.Upstream;

namespace Headway.Tests.Models.Anthropic;

/// <summary>A model of the anthropic provider with a scripted server behind it.</summary>
internal static class AskingClaude
{
    public static async Task<Asking> StartAsync(params Script[] scripts)
    {
        var asking = await Asking.StartAsync(scripts);
        asking.Change(model => Define(model.Name, model.BaseUrl!));
        return asking;
    }

    public static ModelDefinition Define(string name, Uri baseUrl, string model = "claude-sonnet-5") =>
        Asking.Define(name, baseUrl) with { Provider = "anthropic", Model = model, Price = new ModelPrice(3, 15) };

    public static Task<Asking> StreamAsync(string fixture) => StartAsync(Scripts.Events(Fixture(fixture)));

    public static Task<Asking> WholeAsync(string fixture, int status = 200) => StartAsync(Scripts.Whole(status, "application/json", Fixture(fixture)));

    public static string Fixture(string name) => Scripts.Fixture($"anthropic/{name}");

    public static ModelRequest Request(string? fields = null, bool stream = true, string? messages = null, bool keepsWire = false) => new()
    {
        Body = (JsonObject)JsonNode.Parse($$"""{"messages":{{messages ?? """[{"role":"user","content":"What does she take?"}]"""}}{{(fields is null ? "" : "," + fields)}}}""")!,
        Stream = stream,
        KeepsWire = keepsWire,
    };

    /// <summary>Null: not there.</summary>
    public static string? Written(this JsonNode? node) => node?.ToJsonString();

    /// <summary>What arrives at the server for a request.</summary>
    public static async Task<JsonNode> SentAsync(ModelRequest request, string model = "claude-sonnet-5")
    {
        await using var asking = await WholeAsync("whole");
        asking.Change(definition => definition with { Model = model });
        await asking.AnswerAsync(request);
        return JsonNode.Parse(asking.Upstream.Calls.ShouldHaveSingleItem().Body)!;
    }

    /// <summary>Why a request is not sent.</summary>
    public static async Task<string> RefusedAsync(ModelRequest request, string model = "claude-sonnet-5")
    {
        await using var asking = await WholeAsync("whole");
        asking.Change(definition => definition with { Model = model });
        var fault = await asking.FaultAsync(request);
        asking.Upstream.Calls.ShouldBeEmpty();
        fault.Failure.Code.ShouldBe("model-bad-request");
        fault.Failure.Retryable.ShouldBeFalse();
        fault.NotAsked.ShouldBeTrue();
        return fault.Failure.Message;
    }
}
