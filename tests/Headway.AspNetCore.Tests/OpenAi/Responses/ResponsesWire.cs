using System.Text.Json.Nodes;

namespace Headway.AspNetCore.Tests.OpenAi.Responses;

/// <summary>Asks for responses over the wire.</summary>
internal static class ResponsesWire
{
    public static async Task<JsonNode> CreateAsync(this OpenAiHost node, string body)
    {
        using var answer = await node.PostAsync("/v1/responses", body);
        return await ReadAsync(answer);
    }

    public static async Task<JsonNode> GetAsync(this OpenAiHost node, string path)
    {
        using var answer = await node.Http.GetAsync(path);
        return await ReadAsync(answer);
    }

    /// <summary>What its job's audit tells, in order.</summary>
    public static async Task<IEnumerable<string>> ActionsOfAsync(this OpenAiHost node, string id) =>
        JsonNode.Parse(await node.Http.GetStringAsync($"/v1/jobs/job_{id["resp_".Length..]}/audit"))!["events"]!.AsArray().Select(entry => entry!["action"].Text());

    /// <summary>Waits for the job, then shows the response.</summary>
    public static async Task<JsonNode> EndedAsync(this OpenAiHost node, string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/job_{id["resp_".Length..]}");
        request.Headers.Add("Prefer", "wait=30");
        using var job = await node.Http.SendAsync(request);
        job.EnsureSuccessStatusCode();
        return await node.GetAsync($"/v1/responses/{id}");
    }

    /// <summary>The events of an answer to a POST, each with its type in both places; the last is [DONE], which is left out.</summary>
    public static async Task<List<JsonNode>> CreateEventsAsync(this OpenAiHost node, string body)
    {
        using var answer = await node.PostAsync("/v1/responses", body, streams: true);
        return await EventsOfAsync(answer);
    }

    public static async Task<List<JsonNode>> GetEventsAsync(this OpenAiHost node, string path)
    {
        using var answer = await node.Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        return await EventsOfAsync(answer);
    }

    public static async Task<JsonObject> ErrorOfAsync(this HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeFalse(text);
        return JsonNode.Parse(text)!["error"]!.AsObject();
    }

    public static string Text(this JsonNode? node) => node!.GetValue<string>();

    public static string IdOf(JsonNode response) => response["id"].Text();

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue(text);
        return JsonNode.Parse(text)!;
    }

    private static async Task<List<JsonNode>> EventsOfAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue(text);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        var entries = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(entry => !entry.StartsWith(':')).ToList();
        entries[^1].ShouldBe("data: [DONE]");
        var events = new List<JsonNode>();
        foreach (var entry in entries.SkipLast(1))
        {
            var lines = entry.Split('\n');
            var data = JsonNode.Parse(lines[1]["data: ".Length..])!;
            lines[0].ShouldBe($"event: {data["type"].Text()}");
            events.Add(data);
        }

        return events;
    }
}
