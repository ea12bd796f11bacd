using System.Net;
using System.Text.Json.Nodes;
using Headway.Storage;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.OpenAi.Responses;

/// <summary>Responses whose caller comes back for them.</summary>
public sealed class BackgroundResponseTests
{
    private const string Text = "The patient takes metformin 500 mg twice daily – well tolerated.";

    private const string Soon = "soon: { contract: { mode: hybrid, wait: 20s, deliverWithin: 10m, caller: waits }, handler: { prompt: note.hbs, models: [fast] } }";

    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task One_is_queued_then_in_progress_then_there()
    {
        await using var node = await OpenAiHost.StartAsync(WhenLetGo(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole"))));

        var asked = await node.CreateAsync("""{"model":"fast","input":"?","background":true}""");
        await node.Upstream.ArrivedAsync(1);
        var meanwhile = await node.GetAsync($"/v1/responses/{ResponsesWire.IdOf(asked)}");
        _go.SetResult();
        var ended = await node.EndedAsync(ResponsesWire.IdOf(asked));

        asked["status"].Text().ShouldBe("queued");
        asked["background"]!.GetValue<bool>().ShouldBeTrue();
        asked["output"]!.AsArray().ShouldBeEmpty();
        asked["usage"].ShouldBeNull();
        meanwhile["status"].Text().ShouldBe("in_progress");
        ended["status"].Text().ShouldBe("completed");
    }

    [Theory]
    [InlineData("fast", true)]
    [InlineData("later", false)]
    [InlineData("later", true)]
    [InlineData("soon", true)]
    public async Task Its_answer_is_there_when_it_ends(string model, bool background)
    {
        await using var node = await OpenAiHost.StartAsync(Soon, model == "fast" ? Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")) : Scripts.Events(Scripts.Fixture("openai/stream")));

        using var answer = await node.PostAsync("/v1/responses", $$"""{"model":"{{model}}","input":"?","background":{{(background ? "true" : "false")}}}""");
        var asked = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        var ended = await node.EndedAsync(ResponsesWire.IdOf(asked));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        asked["status"].Text().ShouldBe("queued");
        ended["status"].Text().ShouldBe("completed");
        ended["output"]![0]!["content"]![0]!["text"].Text().ShouldBe(Text);
    }

    [Fact]
    public async Task A_hybrid_feature_answers_at_once_where_it_can()
    {
        await using var node = await OpenAiHost.StartAsync(Soon, Scripts.Events(Scripts.Fixture("openai/stream")));

        var answered = await node.CreateAsync("""{"model":"soon","input":"?"}""");

        answered["status"].Text().ShouldBe("completed");
        answered.ToJsonString().ShouldBe((await node.GetAsync($"/v1/responses/{ResponsesWire.IdOf(answered)}")).ToJsonString());
    }

    [Fact]
    public async Task Its_events_are_the_same_after_the_server_was_started_again()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream-tools")));
        var first = await node.CreateEventsAsync("""{"model":"fast","input":"?","background":true,"stream":true}""");
        var id = ResponsesWire.IdOf(first[0]["response"]!);

        await node.RestartAsync();
        var again = await node.GetEventsAsync($"/v1/responses/{id}?stream=true");
        var rest = await node.GetEventsAsync($"/v1/responses/{id}?stream=true&starting_after=7");

        first.Take(3).Select(shown => shown["type"].Text()).ShouldBe(["response.created", "response.queued", "response.in_progress"]);
        first[^1]["type"].Text().ShouldBe("response.completed");
        again.Select(shown => shown.ToJsonString()).ShouldBe(first.Select(shown => shown.ToJsonString()));
        rest.Select(shown => shown.ToJsonString()).ShouldBe(first.Skip(8).Select(shown => shown.ToJsonString()));
        (await node.GetEventsAsync($"/v1/responses/{id}?stream=true&starting_after={first.Count - 1}")).ShouldBeEmpty();
        using var beyond = await node.Http.GetAsync($"/v1/responses/{id}?stream=true&starting_after={first.Count}");
        (await beyond.ErrorOfAsync())["param"].Text().ShouldBe("starting_after");
    }

    [Fact]
    public async Task Whoever_comes_back_while_it_is_under_way_misses_nothing()
    {
        var stream = Scripts.Fixture("openai/stream");
        var half = stream.Before("metformin");
        await using var node = await OpenAiHost.StartAsync(Scripts.StallAfter(half, _go.Task, stream[half.Length..]));
        using var asked = await node.PostAsync("/v1/responses", """{"model":"fast","input":"?","background":true,"stream":true}""", streams: true);
        var id = $"resp_{asked.Headers.GetValues("Headway-Job").Single()["job_".Length..]}";
        using (var reader = new StreamReader(await asked.Content.ReadAsStreamAsync()))
        {
            // As far as the first piece, and then away.
            while (await reader.ReadLineAsync() is { } line && line != "event: response.output_text.delta")
            {
            }
        }

        using var back = await node.Http.GetAsync($"/v1/responses/{id}?stream=true&starting_after=4", HttpCompletionOption.ResponseHeadersRead);
        _go.SetResult();
        var rest = await back.Content.ReadAsStringAsync();

        rest.ShouldStartWith("event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":5,");
        rest.ShouldEndWith("data: [DONE]\n\n");
        (await node.EndedAsync(id))["output"]![0]!["content"]![0]!["text"].Text().ShouldBe(Text);
    }

    [Fact]
    public async Task An_attempt_that_broke_is_closed_and_the_next_stands_behind_it()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream").Before("metformin")), Scripts.Events(Scripts.Fixture("openai/stream")));

        var events = await node.CreateEventsAsync("""{"model":"fast","input":"?","background":true,"stream":true}""");

        events.Select(shown => shown["sequence_number"]!.GetValue<int>()).ShouldBe(Enumerable.Range(0, events.Count));
        var done = events.Where(shown => shown["type"].Text() == "response.output_item.done").ToList();
        done.Select(shown => (shown["output_index"]!.GetValue<int>(), shown["item"]!["status"].Text())).ShouldBe([(0, "incomplete"), (1, "completed")]);
        done[0]["item"]!["id"].Text().ShouldNotBe(done[1]["item"]!["id"].Text());
        var response = events[^1]["response"]!;
        response["output"]!.AsArray().ShouldHaveSingleItem()!["content"]![0]!["text"].Text().ShouldBe(Text);
        response.ToJsonString().ShouldBe((await node.GetAsync($"/v1/responses/{ResponsesWire.IdOf(response)}")).ToJsonString());
    }

    [Fact]
    public async Task One_that_was_cancelled_stays_so()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.StallAfter("", _go.Task, ""));
        var id = ResponsesWire.IdOf(await node.CreateAsync("""{"model":"fast","input":"?","background":true}"""));
        await node.Upstream.ArrivedAsync(1);

        foreach (var _ in new[] { 1, 2 })
        {
            using var answer = await node.PostAsync($"/v1/responses/{id}/cancel", "{}");
            JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["status"].Text().ShouldBe("cancelled");
        }

        _go.SetResult();
        (await node.EndedAsync(id))["status"].Text().ShouldBe("cancelled");
        var events = await node.GetEventsAsync($"/v1/responses/{id}?stream=true");
        events.Select(shown => shown["type"].Text()).ShouldBe(["response.created", "response.queued", "response.in_progress", "response.failed"]);
        events[^1]["response"]!["status"].Text().ShouldBe("cancelled");
        using var onward = await node.PostAsync("/v1/responses", $$"""{"model":"fast","input":"?","previous_response_id":"{{id}}"}""");
        (await onward.ErrorOfAsync())["message"].Text().ShouldContain("cancelled");
    }

    [Fact]
    public async Task One_that_has_ended_is_not_changed_by_cancelling()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));
        var id = ResponsesWire.IdOf(await node.CreateAsync("""{"model":"fast","input":"?","background":true}"""));
        var ended = await node.EndedAsync(id);

        using var answer = await node.PostAsync($"/v1/responses/{id}/cancel", "{}");

        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.ToJsonString().ShouldBe(ended.ToJsonString());
    }

    [Fact]
    public async Task Only_one_of_the_background_can_be_cancelled()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));
        var id = ResponsesWire.IdOf(await node.CreateAsync("""{"model":"fast","input":"?"}"""));

        using var answer = await node.PostAsync($"/v1/responses/{id}/cancel", "{}");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.ErrorOfAsync())["code"].Text().ShouldBe("response-not-background");
    }

    [Fact]
    public async Task One_that_is_deleted_under_way_is_cancelled_first()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.StallAfter("", _go.Task, ""));
        var id = ResponsesWire.IdOf(await node.CreateAsync("""{"model":"fast","input":"?","background":true}"""));
        await node.Upstream.ArrivedAsync(1);

        using var deleted = await node.Http.DeleteAsync($"/v1/responses/{id}");

        deleted.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var gone = await node.Http.GetAsync($"/v1/responses/{id}");
        gone.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        JsonNode.Parse(await node.Http.GetStringAsync($"/v1/jobs/job_{id["resp_".Length..]}"))!["state"].Text().ShouldBe("cancelled");
        _go.SetResult();
    }

    [Fact]
    public async Task One_that_waits_is_carried_out_by_a_server_that_was_started_again()
    {
        var (down, up) = (Scripts.Whole(503, "application/json", Scripts.Fixture("openai/error-overloaded")), Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));
        await using var node = await OpenAiHost.StartAsync(context => _go.Task.IsCompleted ? up(context) : down(context));
        var id = ResponsesWire.IdOf(await node.CreateAsync("""{"model":"fast","input":"?","background":true}"""));
        await node.Upstream.ArrivedAsync(1);

        await node.RestartAsync();
        _go.SetResult();

        (await node.EndedAsync(id))["output"]![0]!["content"]![0]!["text"].Text().ShouldBe(Text);
    }

    [Theory]
    [InlineData("starting_after=1", "starting_after")]
    [InlineData("stream=true&starting_after=x", "starting_after")]
    public async Task A_number_to_go_on_from_belongs_to_a_stream(string query, string param)
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));
        var id = ResponsesWire.IdOf(await node.CreateAsync("""{"model":"fast","input":"?"}"""));

        using var answer = await node.Http.GetAsync($"/v1/responses/{id}?{query}");

        (await answer.ErrorOfAsync())["param"].Text().ShouldBe(param);
    }

    /// <summary>Nobody can read any more what was promised for it: no reason to keep it alive, or to keep it.</summary>
    [Fact]
    public async Task One_whose_definition_is_damaged_can_be_cancelled_and_deleted()
    {
        await using var node = await OpenAiHost.StartAsync(WhenLetGo(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole"))));
        var id = ResponsesWire.IdOf(await node.CreateAsync("""{"model":"later","input":"?"}"""));
        await node.Upstream.ArrivedAsync(1);
        // As if it waited for its time; and what the file says now is registered anew, under a number of its own.
        await node.Host.Engine.Database.WriteAsync(new Damage());
        await node.RestartAsync();

        using var cancelled = await node.Http.PostAsync($"/v1/responses/{id}/cancel", null);
        using var deleted = await node.Http.DeleteAsync($"/v1/responses/{id}");

        (cancelled.StatusCode, deleted.StatusCode).ShouldBe((HttpStatusCode.OK, HttpStatusCode.OK));
        JsonNode.Parse(await cancelled.Content.ReadAsStringAsync())!["status"].Text().ShouldBe("cancelled");
        (await node.ActionsOfAsync(id)).Where(action => action != "disclosed").ShouldBe(["submitted", "started", "cancelled", "delivered", "erased"]);
    }

    private sealed class Damage : Write<bool>
    {
        protected override ValueTask<bool> ApplyAsync(Session session)
        {
            session.Prepare("UPDATE definitions SET json = '{', hash = substr(hash, 2)").Send();
            session.Prepare("UPDATE queue SET state = 0, lease = NULL, due = 9000000000000").Send();
            return ValueTask.FromResult(true);
        }
    }

    private Script WhenLetGo(Script answer) => async context =>
    {
        await _go.Task.WaitAsync(context.RequestAborted);
        await answer(context);
    };
}
