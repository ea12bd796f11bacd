using Headway.Models;
using Headway.Tests.Models.OpenAi;
using Headway.Upstream;

namespace Headway.Tests.Models.Anthropic;

/// <summary>How long a silent, a thinking and a pinging model is waited for. The limits of the model: first token 4 s, idle 10 s, total 60 s.</summary>
public sealed class PatienceTests
{
    private const string Ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n";
    private static readonly string Stream = AskingClaude.Fixture("stream");
    private static readonly string Thinking = AskingClaude.Fixture("stream-thinking");
    private static readonly TaskCompletionSource Never = new();

    [Theory]
    [InlineData("event: message_start")]
    [InlineData("\"The\"")]
    public async Task A_ping_is_no_first_token(string before)
    {
        // More pings than the buffers between can hold: once they have left, the events before them were read.
        var pings = string.Concat(Enumerable.Repeat($": {new string('.', 1000)}\n{Ping}", 16_000));
        var sent = new TaskCompletionSource();
        await using var asking = await AskingClaude.StartAsync(Scripts.StallAfter(Stream.Before(before) + pings, Never.Task, sent: sent));

        var asked = asking.AskAsync(AskingClaude.Request());
        await sent.Task;
        asking.Time.Advance(TimeSpan.FromSeconds(4));

        await ShouldFailAsync(asked, "model-first-token-timeout");
    }

    [Fact]
    public async Task A_model_that_thinks_unseen_is_not_given_up_while_it_pings()
    {
        var started = Thinking.Before("event: ping");
        await using var asking = await AskingClaude.StartAsync(Pulse(started, Ping, 5, Thinking[started.Length..], out var beat));

        var asked = asking.AskAsync(AskingClaude.Request());
        for (var i = 0; i < 5; i++)
        {
            await IdleSinceAsync(asking);
            asking.Time.Advance(TimeSpan.FromSeconds(9));
            beat();
        }

        (await asked).ShouldBeOfType<ModelReply.Answered>();
    }

    [Fact]
    public async Task A_model_that_has_begun_and_then_says_nothing_at_all_is_given_up()
    {
        await using var asking = await AskingClaude.StartAsync(Scripts.StallAfter(Thinking.Before("event: ping"), Never.Task));

        var asked = asking.AskAsync(AskingClaude.Request());
        await IdleSinceAsync(asking);
        asking.Time.Advance(TimeSpan.FromSeconds(10));

        (await ShouldFailAsync(asked, "model-idle-timeout")).Usage.InputTokens.ShouldBe(31);
    }

    [Fact]
    public async Task One_that_pings_for_ever_comes_to_its_end()
    {
        await using var asking = await AskingClaude.StartAsync(Pulse(Stream.Before("metformin"), Ping, 100, "", out var beat));

        var asked = asking.AskAsync(AskingClaude.Request());
        while (!asked.IsCompleted)
        {
            await IdleSinceAsync(asking, asked);
            asking.Time.Advance(TimeSpan.FromSeconds(9));
            beat();
        }

        await ShouldFailAsync(asked, "model-timeout");
    }

    [Fact]
    public async Task An_answer_asked_for_whole_has_no_first_token_but_an_end()
    {
        await using var asking = await AskingClaude.StartAsync(Scripts.Silence());

        var asked = asking.AskAsync(AskingClaude.Request(stream: false));
        await asking.Upstream.ArrivedAsync(1);
        asking.Time.Advance(TimeSpan.FromSeconds(59));
        asked.IsCompleted.ShouldBeFalse();
        asking.Time.Advance(TimeSpan.FromSeconds(1));

        await ShouldFailAsync(asked, "model-timeout");
    }

    [Fact]
    public async Task A_caller_that_leaves_stops_the_model()
    {
        await using var asking = await AskingClaude.StartAsync(Scripts.StallAfter(Stream.Before("metformin"), Never.Task));
        using var left = new CancellationTokenSource();

        var asked = asking.AskAsync(AskingClaude.Request(), left.Token);
        await asking.FirstShown.Task;
        await left.CancelAsync();

        (await asked).ShouldBeOfType<ModelReply.Stopped>().Usage.InputTokens.ShouldBeGreaterThan(0);
        await asking.Upstream.Calls[0].Left;
    }

    [Fact]
    public async Task No_timer_is_left_behind()
    {
        await using var asking = await AskingClaude.StreamAsync("stream-ping");

        await asking.AnswerAsync(AskingClaude.Request());

        asking.Time.Timers.ShouldBe(0);
    }

    /// <summary>Sends the piece each time the clock has moved on, then the rest.</summary>
    private static Script Pulse(string first, string piece, int times, string rest, out Action beat)
    {
        var beats = new SemaphoreSlim(0);
        beat = () => beats.Release();
        return async context =>
        {
            await Scripts.Events(first)(context);
            for (var i = 0; i < times; i++)
            {
                await beats.WaitAsync(context.RequestAborted);
                await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, piece, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }

            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, rest, context.RequestAborted);
        };
    }

    /// <summary>Ends when the limit on silence was set at this very moment of the clock: what was sent last has been read.</summary>
    private static async Task IdleSinceAsync(Asking asking, Task? orEnded = null)
    {
        var idle = asking.Time.GetUtcNow() + asking.Model.Timeouts.Idle;
        while (!asking.Time.IsDue(idle) && orEnded?.IsCompleted is not true)
            await Task.Yield();
    }

    private static async Task<ModelFault> ShouldFailAsync(Task<ModelReply> asked, string code)
    {
        var fault = (await asked.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeOfType<ModelReply.Failed>().Fault;
        fault.Failure.Code.ShouldBe(code);
        fault.Failure.Kind.ShouldBe(FailureKind.Timeout);
        return fault;
    }
}
