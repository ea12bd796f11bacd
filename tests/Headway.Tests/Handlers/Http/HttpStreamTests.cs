using Headway.Handlers;
using Microsoft.AspNetCore.Http;

namespace Headway.Tests.Handlers.Http;

public sealed class HttpStreamTests
{
    private const string Sse = "text/event-stream";

    [Fact]
    public async Task Every_data_event_is_a_delta_and_the_deltas_are_the_answer()
    {
        await using var service = await Service.AnsweringAsync(Sse, ": hello\n\ndata: Take\n\ndata:  with\n\nevent: ping\ndata: x\n\ndata:  food.\n\n");
        var done = (await service.CallAsync()).ShouldBeOfType<Outcome.Done>().Result;

        service.Attempts.Output.Deltas.ShouldBe(["Take", " with", " food."]);
        System.Text.Encoding.UTF8.GetString(done.Body.Span).ShouldBe("Take with food.");
        done.MediaType.ShouldBe(Result.Prose);
    }

    [Fact]
    public async Task A_result_event_is_the_answer_and_ends_the_stream()
    {
        await using var service = await Service.AnsweringAsync(Sse, "data: thinking\n\nevent: result\ndata: {\"risk\":\ndata: \"high\"}\n\ndata: never read\n\n");
        var done = (await service.CallAsync()).ShouldBeOfType<Outcome.Done>().Result;

        System.Text.Encoding.UTF8.GetString(done.Body.Span).ShouldBe("{\"risk\":\n\"high\"}");
        done.MediaType.ShouldBe(Result.Json);
        service.Attempts.Output.Deltas.ShouldBe(["thinking"]);
    }

    [Fact]
    public async Task Progress_events_are_progress_and_an_unreadable_one_is_passed_over()
    {
        await using var service = await Service.AnsweringAsync(Sse, "event: progress\ndata: {\"done\":3,\"total\":7,\"note\":\"pairs\"}\n\nevent: progress\ndata: ?\n\ndata: ok\n\n");
        (await service.CallAsync()).Text().ShouldBe("ok");
        service.Attempts.Output.Progress.ShouldHaveSingleItem().ShouldBe((3, 7L, "pairs"));
    }

    [Theory]
    [InlineData("the table is locked", true)]
    [InlineData("""{"status":503,"detail":"the table is locked"}""", true)]
    [InlineData("""{"status":422,"detail":"the table is locked"}""", false)]
    public async Task An_error_event_is_a_failure_even_after_good_deltas(string data, bool retryable)
    {
        await using var service = await Service.AnsweringAsync(Sse, $"data: Take\n\nevent: error\ndata: {data}\n\n");
        var failure = (await service.CallAsync()).Failure();

        failure.Code.ShouldBe("handler-error");
        failure.Message.ShouldEndWith("the table is locked");
        failure.Retryable.ShouldBe(retryable);
    }

    [Fact]
    public async Task A_stream_that_is_cut_is_never_a_clean_end()
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = await Service.StartAsync(async context =>
        {
            context.Response.ContentType = Sse;
            await context.Response.WriteAsync("data: Take\n\n");
            await context.Response.Body.FlushAsync();
            await seen.Task;
            context.Abort();
        });

        var call = service.CallAsync();
        await service.Attempts.Output.FirstDelta.Task.WaitAsync(TimeSpan.FromSeconds(10));
        seen.SetResult();
        var failure = (await call).Failure();

        failure.Code.ShouldBe("handler-cut");
        failure.Retryable.ShouldBeTrue();
    }

    [Theory]
    [InlineData("data: Take\n\ndata: with fo")]
    [InlineData("data: Take\n\ndata: with food.\n")]
    [InlineData("data: Take\r\n\r\nevent: result\r\ndata: {\"risk\":\"high\"}\r\n")]
    public async Task A_stream_that_closes_inside_an_event_was_cut(string body)
    {
        await using var service = await Service.AnsweringAsync(Sse, body);
        (await service.CallAsync()).Failure().Code.ShouldBe("handler-cut");
    }

    [Theory]
    [InlineData("data: Take\n\n: goodbye")]
    [InlineData("data: Take\r\n\r\n")]
    [InlineData("data: Take\n\n\n\n: goodbye\n")]
    public async Task A_stream_that_closes_between_events_has_ended(string body)
    {
        await using var service = await Service.AnsweringAsync(Sse, body);
        (await service.CallAsync()).Text().ShouldBe("Take");
    }

    [Fact]
    public async Task Deltas_are_shown_while_the_service_still_works_and_cancelling_ends_its_request_at_once()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = await Service.StartAsync(async context =>
        {
            context.Response.ContentType = Sse;
            await context.Response.WriteAsync("data: Take\n\n");
            await context.Response.Body.FlushAsync();
            context.RequestAborted.Register(() => left.TrySetResult());
            await left.Task;
        });
        using var stop = new CancellationTokenSource();

        var call = service.CallAsync(stop: stop.Token);
        await service.Attempts.Output.FirstDelta.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => call);
        await left.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
