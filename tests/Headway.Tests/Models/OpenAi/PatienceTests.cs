using System.Net;
using System.Net.Sockets;
using Headway.Models;
using Headway.Upstream;

namespace Headway.Tests.Models.OpenAi;

public sealed class PatienceTests
{
    private static readonly string Stream = Scripts.Fixture("openai/stream");
    private static readonly TaskCompletionSource Never = new();

    [Fact]
    public async Task A_connection_that_does_not_come_about_is_given_up()
    {
        // A server that accepts and then never shakes hands for TLS.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var asking = await Asking.StartAsync(Scripts.Silence());
        asking.Change(model => model with { BaseUrl = new Uri($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/v1") });

        var asked = asking.AskAsync();
        using var accepted = await listener.AcceptSocketAsync();
        asking.Time.Advance(TimeSpan.FromSeconds(2));

        await ShouldFailAsync(asked, "model-connect-timeout");
    }

    [Fact]
    public async Task A_model_that_says_nothing_is_given_up()
    {
        await using var asking = await Asking.StartAsync(Scripts.Silence());

        var asked = asking.AskAsync();
        await asking.Upstream.ArrivedAsync(1);
        asking.Time.Advance(TimeSpan.FromSeconds(4));

        await ShouldFailAsync(asked, "model-first-token-timeout");
        await asking.Upstream.Calls[0].Left;
    }

    [Fact]
    public async Task A_chunk_without_a_token_is_no_first_token()
    {
        // More comments than the buffers between can hold: once they have left, the chunk before them was read.
        var pings = string.Concat(Enumerable.Repeat($": ping {new string('.', 1000)}\n\n", 16_000));
        var sent = new TaskCompletionSource();
        await using var asking = await Asking.StartAsync(Scripts.StallAfter(Stream.Before("\"The\"") + pings, Never.Task, sent: sent));

        var asked = asking.AskAsync();
        await sent.Task;
        asking.Time.Advance(TimeSpan.FromSeconds(4));

        await ShouldFailAsync(asked, "model-first-token-timeout");
    }

    [Fact]
    public async Task A_stream_that_falls_silent_is_given_up_and_paid_as_far_as_it_came()
    {
        await using var asking = await Asking.StartAsync(Scripts.StallAfter(Stream.Before("metformin"), Never.Task));

        var asked = asking.AskAsync();
        await asking.SilentAfterAsync("The patient takes");
        asking.Time.Advance(TimeSpan.FromSeconds(9));
        asked.IsCompleted.ShouldBeFalse();
        asking.Time.Advance(TimeSpan.FromSeconds(1));

        var fault = await ShouldFailAsync(asked, "model-idle-timeout");
        fault.Usage.Estimated.ShouldBeTrue();
        fault.Usage.OutputTokens.ShouldBe(5);
    }

    [Fact]
    public async Task Each_piece_gives_the_next_its_own_time()
    {
        var go = new TaskCompletionSource();
        await using var asking = await Asking.StartAsync(Scripts.StallAfter(Stream.Before("patient"), go.Task, Stream[Stream.Before("patient").Length..]));

        var asked = asking.AskAsync();
        await asking.FirstShown.Task;
        asking.Time.Advance(TimeSpan.FromSeconds(9));
        go.SetResult();

        (await asked).ShouldBeOfType<ModelReply.Answered>();
    }

    [Fact]
    public async Task The_whole_has_an_end_however_lively_it_is()
    {
        await using var asking = await Asking.StartAsync(Scripts.StallAfter(Stream.Before("metformin"), Never.Task));
        asking.Change(model => model with { Timeouts = model.Timeouts with { Idle = TimeSpan.FromHours(1) } });

        var asked = asking.AskAsync();
        await asking.FirstShown.Task;
        asking.Time.Advance(TimeSpan.FromSeconds(60));

        await ShouldFailAsync(asked, "model-timeout");
    }

    [Fact]
    public async Task An_answer_asked_for_whole_has_no_first_token_but_an_end()
    {
        await using var asking = await Asking.StartAsync(Scripts.Silence());

        var asked = asking.AskAsync(Asking.Request(stream: false));
        await asking.Upstream.ArrivedAsync(1);
        asking.Time.Advance(TimeSpan.FromSeconds(59));
        asked.IsCompleted.ShouldBeFalse();
        asking.Time.Advance(TimeSpan.FromSeconds(1));

        await ShouldFailAsync(asked, "model-timeout");
    }

    [Fact]
    public async Task A_slow_reader_is_not_a_silent_model()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Events(Stream));
        var time = new ManualTime();
        var model = Asking.Define("fast", upstream.BaseUrl);
        using var catalog = Catalogs.Of(time, model);
        var reading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var read = new TaskCompletionSource();

        var asked = catalog.ProviderOf(model)!.AskAsync(model, Asking.Request(), async (_, stop) =>
        {
            reading.TrySetResult();
            await read.Task.WaitAsync(stop);
        }, CancellationToken.None);
        await reading.Task;
        time.Advance(TimeSpan.FromSeconds(30));
        read.SetResult();

        (await asked).ShouldBeOfType<ModelReply.Answered>();
    }

    [Fact]
    public async Task No_timer_is_left_behind()
    {
        await using var asking = await Asking.StartAsync(Scripts.Events(Stream));

        await asking.AnswerAsync();

        asking.Time.Timers.ShouldBe(0);
    }

    private static async Task<ModelFault> ShouldFailAsync(Task<ModelReply> asked, string code)
    {
        var fault = (await asked.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeOfType<ModelReply.Failed>().Fault;
        fault.Failure.Code.ShouldBe(code);
        fault.Failure.Kind.ShouldBe(FailureKind.Timeout);
        return fault;
    }
}
