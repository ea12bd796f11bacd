using System.ClientModel;
using System.Text.Json.Nodes;
using Headway.Crash.Tests.Checking;
using Headway.Crash.Tests.Hosting;
using OpenAI.Responses;

#pragma warning disable OPENAI001 // What it says of its own future is no matter here.

namespace Headway.Crash.Tests;

/// <summary>What an OpenAI client sees when the node under its stream is killed, or its connection is cut.</summary>
public sealed class ResponseLossTests
{
    // A stream that does not go on would be waited for without end.
    private const int Patience = 60_000;

    private static readonly string[] Words = ["The ", "patient ", "takes ", "metformin ", "twice ", "daily."];

    [Fact(Timeout = Patience)]
    public async Task A_background_response_goes_on_after_its_node_was_killed_without_gap_or_repeat()
    {
        await using var node = await OpenAiNode.StartAsync();
        var seen = new List<StreamingResponseUpdate>();
        await using var stream = await OpenAsync(node.Responses.CreateResponseStreamingAsync(OpenAiNode.Streaming(background: true)));
        await ReadAsync(node, stream, seen, call: 0, words: 4);

        await node.KillAsync();
        await BreaksAsync(stream);
        await node.StartAgainAsync();
        foreach (var word in Words) await node.SayAsync(1, word);
        node.EndSaying(1);
        var id = IdOf(seen);
        var rest = await UpdatesAsync(node.Responses.GetResponseStreamingAsync(OpenAiNode.Behind(id, seen[^1].SequenceNumber)));

        List<StreamingResponseUpdate> all = [.. seen, .. rest];
        all.Select(update => update.SequenceNumber).ShouldBe(Enumerable.Range(0, all.Count));
        all.OfType<StreamingResponseOutputItemDoneUpdate>().Select(update => (update.OutputIndex, ((MessageResponseItem)update.Item).Status)).ShouldBe([(0, MessageStatus.Incomplete), (1, MessageStatus.Completed)]);
        TextOf(all, item: 0).ShouldBe(string.Concat(Words.Take(4)));
        TextOf(all, item: 1).ShouldBe(string.Concat(Words));
        all[^1].ShouldBeOfType<StreamingResponseCompletedUpdate>().Response.GetOutputText().ShouldBe(string.Concat(Words));

        // Whoever reads it all again reads the same, and the answer is that of the second attempt alone.
        var again = await UpdatesAsync(node.Responses.GetResponseStreamingAsync(OpenAiNode.Behind(id, 0)));
        again.Select(KindOf).ShouldBe(all.Skip(1).Select(KindOf));
        ResponseResult whole = await node.Responses.GetResponseAsync(id);
        whole.Status.ShouldBe(ResponseStatus.Completed);
        whole.GetOutputText().ShouldBe(string.Concat(Words));
        (await node.JobAsync(JobOf(id)))["attempt"]!.GetValue<int>().ShouldBe(2);
        node.Upstream.Calls.Count.ShouldBe(2);
        CallsOf(node).ShouldBe(["1 answered", "1 maybe-paid"]);
        Checker.Ask(node.Data, "SELECT 'held ' || reserved FROM budgets").ShouldBe(["held 0"]);
    }

    [Fact(Timeout = Patience)]
    public async Task Every_event_that_a_client_saw_survives_whenever_the_node_is_killed()
    {
        // Killed in the moment in which a piece was seen: what is shown must not be ahead of what is kept.
        await using var node = await OpenAiNode.StartAsync();
        var seen = new List<StreamingResponseUpdate>();
        await using (var stream = await OpenAsync(node.Responses.CreateResponseStreamingAsync(OpenAiNode.Streaming(background: true))))
        {
            await ReadAsync(node, stream, seen, call: 0, words: 3);
            await node.KillAsync();
        }

        await node.StartAgainAsync();
        await using (var stream = await OpenAsync(node.Responses.GetResponseStreamingAsync(OpenAiNode.Behind(IdOf(seen), seen[^1].SequenceNumber))))
        {
            await ReadAsync(node, stream, seen, call: 1, words: 2);
            await node.KillAsync();
        }

        await node.StartAgainAsync();
        foreach (var word in Words) await node.SayAsync(2, word);
        node.EndSaying(2);
        var rest = await UpdatesAsync(node.Responses.GetResponseStreamingAsync(OpenAiNode.Behind(IdOf(seen), seen[^1].SequenceNumber)));

        List<StreamingResponseUpdate> all = [.. seen, .. rest];
        all.Select(update => update.SequenceNumber).ShouldBe(Enumerable.Range(0, all.Count));
        (await UpdatesAsync(node.Responses.GetResponseStreamingAsync(OpenAiNode.Behind(IdOf(seen), 0)))).Select(KindOf).ShouldBe(all.Skip(1).Select(KindOf));
        all[^1].ShouldBeOfType<StreamingResponseCompletedUpdate>().Response.GetOutputText().ShouldBe(string.Concat(Words));
    }

    [Fact(Timeout = Patience)]
    public async Task A_background_response_that_is_cancelled_after_the_kill_stays_cancelled()
    {
        await using var node = await OpenAiNode.StartAsync();
        var seen = new List<StreamingResponseUpdate>();
        await using var stream = await OpenAsync(node.Responses.CreateResponseStreamingAsync(OpenAiNode.Streaming(background: true)));
        await ReadAsync(node, stream, seen, call: 0, words: 2);
        await node.KillAsync();
        await node.StartAgainAsync();
        await node.Upstream.ArrivedAsync(2);

        ResponseResult cancelled = await node.Responses.CancelResponseAsync(IdOf(seen));
        await node.KillAsync();
        await node.StartAgainAsync();
        ResponseResult later = await node.Responses.GetResponseAsync(IdOf(seen));
        var rest = await UpdatesAsync(node.Responses.GetResponseStreamingAsync(OpenAiNode.Behind(IdOf(seen), seen[^1].SequenceNumber)));

        cancelled.Status.ShouldBe(ResponseStatus.Cancelled);
        later.Status.ShouldBe(ResponseStatus.Cancelled);
        rest[0].SequenceNumber.ShouldBe(seen[^1].SequenceNumber + 1);
        rest[^1].ShouldBeOfType<StreamingResponseFailedUpdate>().Response.Status.ShouldBe(ResponseStatus.Cancelled);
        (await node.JobAsync(JobOf(IdOf(seen))))["state"]!.GetValue<string>().ShouldBe("cancelled");
        node.Upstream.Calls.Count.ShouldBe(2);
    }

    [Fact(Timeout = Patience)]
    public async Task A_streamed_response_whose_node_was_killed_raises_and_its_record_says_why()
    {
        await using var node = await OpenAiNode.StartAsync();
        var seen = new List<StreamingResponseUpdate>();
        // It has no status before the model says something.
        await node.SayAsync(0, Words[0]);
        await using var stream = await OpenAsync(node.Responses.CreateResponseStreamingAsync(OpenAiNode.Streaming(background: false)));
        await ReadAsync(node, stream, seen, call: 0, words: 4, said: 1);

        await node.KillAsync();
        await BreaksAsync(stream);
        await node.StartAgainAsync();
        ResponseResult failed = await node.Responses.GetResponseAsync(IdOf(seen));
        var rest = await UpdatesAsync(node.Responses.GetResponseStreamingAsync(OpenAiNode.Behind(IdOf(seen), seen[^1].SequenceNumber)));

        failed.Status.ShouldBe(ResponseStatus.Failed);
        failed.Error.Code.ToString().ShouldBe("node-lost");
        // More was seen than the log may hold: what is left is the end, behind all of it.
        rest.Select(update => update.SequenceNumber).ShouldBe(Enumerable.Range(seen[^1].SequenceNumber + 1, rest.Count));
        rest.OfType<StreamingResponseOutputTextDeltaUpdate>().ShouldBeEmpty();
        // Of what the log never held nothing is closed.
        rest.OfType<StreamingResponseOutputItemDoneUpdate>().Select(done => done.OutputIndex).ShouldBeSubsetOf([0]);
        rest[^1].ShouldBeOfType<StreamingResponseFailedUpdate>().Response.Status.ShouldBe(ResponseStatus.Failed);
        await IsLostAsync(node, JobOf(IdOf(seen)));
    }

    [Fact(Timeout = Patience)]
    public async Task A_chat_completion_whose_node_was_killed_raises_and_its_record_says_why()
    {
        await using var node = await OpenAiNode.StartAsync();
        await using var stream = node.Chat.CompleteChatStreamingAsync("?").GetAsyncEnumerator();
        for (var word = 0; word < 4; word++)
        {
            await node.SayAsync(0, Words[word]);
            while (await stream.MoveNextAsync() && stream.Current.ContentUpdate is not [{ Text: { Length: > 0 } }])
            {
            }

            stream.Current.ContentUpdate[0].Text.ShouldBe(Words[word]);
        }

        await node.KillAsync();
        await BreaksAsync(stream);
        await node.StartAgainAsync();

        await IsLostAsync(node, await node.OnlyJobAsync());
    }

    [Fact(Timeout = Patience)]
    public async Task A_connection_that_was_cut_costs_a_background_response_nothing()
    {
        await using var node = await OpenAiNode.StartAsync();
        using var proxy = new Proxy(node.Address);
        var seen = new List<StreamingResponseUpdate>();
        await using var stream = await OpenAsync(OpenAiNode.ResponsesAt(proxy.Address).CreateResponseStreamingAsync(OpenAiNode.Streaming(background: true)));
        await ReadAsync(node, stream, seen, call: 0, words: 3);

        proxy.Cut();
        await BreaksAsync(stream);
        await node.SayAsync(0, Words[3]);
        await using var back = await OpenAsync(OpenAiNode.ResponsesAt(proxy.Address).GetResponseStreamingAsync(OpenAiNode.Behind(IdOf(seen), seen[^1].SequenceNumber)));
        while (await back.MoveNextAsync())
        {
            seen.Add(back.Current);
            if (back.Current is not StreamingResponseOutputTextDeltaUpdate) continue;
            if (TextOf(seen, item: 0) == string.Concat(Words.Take(4)))
            {
                await node.SayAsync(0, Words[4]);
                await node.SayAsync(0, Words[5]);
                node.EndSaying(0);
            }
        }

        seen.Select(update => update.SequenceNumber).ShouldBe(Enumerable.Range(0, seen.Count));
        TextOf(seen, item: 0).ShouldBe(string.Concat(Words));
        seen[^1].ShouldBeOfType<StreamingResponseCompletedUpdate>().Response.GetOutputText().ShouldBe(string.Concat(Words));
        (await node.JobAsync(JobOf(IdOf(seen))))["attempt"]!.GetValue<int>().ShouldBe(1);
        node.Upstream.Calls.Count.ShouldBe(1);
    }

    /// <summary>Lets the model say the next words, one when the one before was seen.</summary>
    private static async Task ReadAsync(OpenAiNode node, IAsyncEnumerator<StreamingResponseUpdate> stream, List<StreamingResponseUpdate> seen, int call, int words, int said = 0)
    {
        for (var word = 0; word < words; word++)
        {
            if (word >= said) await node.SayAsync(call, Words[word]);
            do
            {
                (await stream.MoveNextAsync()).ShouldBeTrue();
                seen.Add(stream.Current);
            }
            while (stream.Current is not StreamingResponseOutputTextDeltaUpdate);
        }
    }

    private static async Task BreaksAsync<T>(IAsyncEnumerator<T> stream) => await Should.ThrowAsync<Exception>(async () =>
    {
        while (await stream.MoveNextAsync())
        {
            // What was on its way.
        }
    });

    /// <summary>The log ends with the loss, the model was asked once, and what it may have cost is told once.</summary>
    private static async Task IsLostAsync(OpenAiNode node, string job)
    {
        var record = await node.JobAsync(job);
        record["state"]!.GetValue<string>().ShouldBe("failed", record.ToJsonString());
        record["error"]!["code"]!.GetValue<string>().ShouldBe("node-lost");
        var events = await node.EventsAsync(job);
        events[^1].Name.ShouldBe("end");
        events[^1].Data.ShouldContain("\"code\":\"node-lost\"");
        events.Count(entry => entry.Name == "end").ShouldBe(1);
        var logged = string.Concat(events.Where(entry => entry.Name == "delta").Select(entry => JsonNode.Parse(entry.Data)!["value"]!["choices"]![0]!["delta"]!["content"]?.GetValue<string>()));
        string.Concat(Words.Take(4)).ShouldStartWith(logged);
        node.Upstream.Calls.Count.ShouldBe(1);
        CallsOf(node).ShouldBe(["1 maybe-paid"]);
        Checker.Ask(node.Data, "SELECT 'held ' || reserved || ', of ' || (spent = maybe_paid) FROM budgets").ShouldBe(["held 0, of 1"]);
    }

    /// <summary>The calls of the model that were recorded, by what became of them.</summary>
    private static List<string> CallsOf(OpenAiNode node) =>
        Checker.Ask(node.Data, "SELECT count(*) || ' ' || coalesce(error_code, 'answered') FROM model_calls GROUP BY error_code ORDER BY error_code");

    private static (int Number, string Type, string? Text) KindOf(StreamingResponseUpdate update) => (update.SequenceNumber, update.GetType().Name, (update as StreamingResponseOutputTextDeltaUpdate)?.Delta);

    private static string TextOf(IEnumerable<StreamingResponseUpdate> updates, int item) =>
        string.Concat(updates.OfType<StreamingResponseOutputTextDeltaUpdate>().Where(update => update.OutputIndex == item).Select(update => update.Delta));

    private static string IdOf(IEnumerable<StreamingResponseUpdate> updates) => updates.OfType<StreamingResponseCreatedUpdate>().First().Response.Id;

    private static string JobOf(string response) => $"job_{response["resp_".Length..]}";

    private static async Task<IAsyncEnumerator<StreamingResponseUpdate>> OpenAsync(Task<AsyncStreamingResult<StreamingResponseUpdate>> asked) => ((IAsyncEnumerable<StreamingResponseUpdate>)await asked).GetAsyncEnumerator();

    private static async Task<List<StreamingResponseUpdate>> UpdatesAsync(Task<AsyncStreamingResult<StreamingResponseUpdate>> asked) => await (await asked).ToListAsync();
}
