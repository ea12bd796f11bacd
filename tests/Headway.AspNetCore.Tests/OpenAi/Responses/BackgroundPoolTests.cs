using System.Net;
using System.Text.Json.Nodes;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.OpenAi.Responses;

/// <summary>Those who come back for a response and those who wait for one do not stand in each other's way.</summary>
public sealed class BackgroundPoolTests
{
    private const int Slots = 16;

    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task A_flood_of_the_background_keeps_nobody_waiting_who_waits_for_an_answer()
    {
        await using var node = await OpenAiHost.StartAsync(HeldIfAsked("later"));
        var later = new List<string>();
        for (var count = 0; count < 3 * Slots; count++) later.Add(ResponsesWire.IdOf(await node.CreateAsync("""{"model":"fast","input":"later","background":true}""")));
        await node.Upstream.ArrivedAsync(Slots);

        var now = await node.CreateAsync("""{"model":"fast","input":"now"}""");
        var streamed = await node.CreateEventsAsync("""{"model":"fast","input":"now","stream":true}""");
        using var chat = await node.PostAsync("/v1/chat/completions", """{"model":"fast","messages":[{"role":"user","content":"now"}]}""");
        var waiting = JsonNode.Parse(await node.Http.GetStringAsync($"/v1/jobs/job_{later[^1]["resp_".Length..]}"))!;

        now["status"].Text().ShouldBe("completed");
        streamed[^1]["type"].Text().ShouldBe("response.completed");
        chat.StatusCode.ShouldBe(HttpStatusCode.OK);
        waiting["state"].Text().ShouldBe("queued");
        waiting["waitingFor"]!["code"].Text().ShouldBe("pool-full");
        waiting["waitingFor"]!["text"].Text().ShouldContain($"All {Slots} slots of fast@1/background are taken");
        node.Upstream.Calls.Count.ShouldBe(Slots + 3);
        _go.SetResult();
        foreach (var id in later) (await node.EndedAsync(id))["status"].Text().ShouldBe("completed");
    }

    [Fact]
    public async Task Callers_who_wait_do_not_hold_up_the_background()
    {
        await using var node = await OpenAiHost.StartAsync(HeldIfAsked("now"));
        var now = Enumerable.Range(0, Slots).Select(_ => node.CreateAsync("""{"model":"fast","input":"now"}""")).ToList();
        await node.Upstream.ArrivedAsync(Slots);

        var later = await node.EndedAsync(ResponsesWire.IdOf(await node.CreateAsync("""{"model":"fast","input":"later","background":true}""")));

        later["status"].Text().ShouldBe("completed");
        _go.SetResult();
        foreach (var one in now) (await one)["status"].Text().ShouldBe("completed");
    }

    [Fact]
    public async Task A_key_is_one_key_however_the_model_is_asked()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));
        node.Http.DefaultRequestHeaders.Add("Idempotency-Key", "k");

        var later = await node.CreateAsync("""{"model":"fast","input":"?","background":true}""");
        await node.EndedAsync(ResponsesWire.IdOf(later));
        await node.RestartAsync();
        node.Http.DefaultRequestHeaders.Add("Idempotency-Key", "k");
        using var whole = await node.PostAsync("/v1/responses", """{"model":"fast","input":"?"}""");
        var again = await node.CreateAsync("""{"model":"fast","input":"?","background":true}""");

        (await whole.ErrorOfAsync())["code"].Text().ShouldBe("idempotency-mismatch");
        again["id"].Text().ShouldBe(later["id"].Text());
        node.Upstream.Calls.Count.ShouldBe(1);
    }

    /// <summary>Answers whole or in pieces, as it is asked; whoever says the word waits until he is let go.</summary>
    private Script HeldIfAsked(string word) => async context =>
    {
        var asked = ((UpstreamCall)context.Items[typeof(UpstreamCall)]!).Body;
        if (asked.Contains(word, StringComparison.Ordinal)) await _go.Task.WaitAsync(context.RequestAborted);
        await (asked.Contains("\"stream\":true", StringComparison.Ordinal)
            ? Scripts.Events(Scripts.Fixture("openai/stream"))
            : Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")))(context);
    };
}
