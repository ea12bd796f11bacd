using Headway.Handlers.Http;
using Microsoft.AspNetCore.Http;

namespace Headway.Tests.Handlers.Http;

public sealed class HttpBreakerTests
{
    [Fact]
    public async Task A_service_that_is_not_there_is_a_failure_worth_retrying()
    {
        await using var service = await Service.AnsweringAsync("application/json", "1");
        await service.StopAsync();

        var failure = (await service.CallAsync()).Failure();

        failure.Code.ShouldBe("handler-unreachable");
        failure.Retryable.ShouldBeTrue();
    }

    [Fact]
    public async Task While_most_calls_fail_the_service_is_left_alone_and_then_probed_by_one()
    {
        var status = 500;
        await using var service = await Service.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsJsonAsync(1);
        });

        for (var call = 0; call < HttpUpstream.FewestCalls; call++) (await service.CallAsync()).Failure().Code.ShouldBe("handler-error");
        var open = (await service.CallAsync()).Failure();
        open.Code.ShouldBe("handler-circuit-open");
        open.Kind.ShouldBe(FailureKind.Unavailable);
        open.RetryAfter.ShouldNotBeNull().ShouldBeInRange(TimeSpan.FromTicks(1), HttpUpstream.Break);
        service.Calls.Count.ShouldBe(HttpUpstream.FewestCalls);
        service.Attempts.Disclosures.Opened.Count.ShouldBe(HttpUpstream.FewestCalls);

        service.Time.Advance(HttpUpstream.Break);
        (await service.CallAsync()).Failure().Code.ShouldBe("handler-error");
        (await service.CallAsync()).Failure().Code.ShouldBe("handler-circuit-open");

        status = 200;
        service.Time.Advance(HttpUpstream.Break);
        (await service.CallAsync()).Text().ShouldBe("1");
        (await service.CallAsync()).Text().ShouldBe("1");
    }

    [Theory]
    [InlineData(422)]
    [InlineData(429)]
    public async Task A_service_that_says_no_is_alive_and_keeps_its_circuit_closed(int status)
    {
        await using var service = await Service.AnsweringAsync("text/plain", "", status);
        for (var call = 0; call < 2 * HttpUpstream.FewestCalls; call++) await service.CallAsync();
        service.Calls.Count.ShouldBe(2 * HttpUpstream.FewestCalls);
    }

    [Fact]
    public async Task A_caller_who_leaves_is_not_held_against_the_service_but_a_timeout_is()
    {
        var hang = true;
        SemaphoreSlim arrived = new(0);
        await using var service = await Service.StartAsync(async context =>
        {
            arrived.Release();
            if (hang) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
            await context.Response.WriteAsJsonAsync(1);
        });

        for (var call = 0; call < HttpUpstream.FewestCalls; call++) await LeaveAsync();
        hang = false;
        (await service.CallAsync()).Text().ShouldBe("1");

        hang = true;
        service.Time.Advance(HttpUpstream.Window * 2);
        for (var call = 0; call < HttpUpstream.FewestCalls; call++) await LeaveAsync();
        (await service.CallAsync()).Failure().Code.ShouldBe("handler-circuit-open");

        async Task LeaveAsync()
        {
            using var stop = new CancellationTokenSource();
            var call = service.CallAsync(stop: stop.Token);
            (await arrived.WaitAsync(TimeSpan.FromSeconds(10))).ShouldBeTrue();
            await stop.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => call);
        }
    }
}
