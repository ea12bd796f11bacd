using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Headway.Crash.Host;

/// <param name="Takes">Milliseconds of work.</param>
/// <param name="Count">Tokens of a stream.</param>
/// <param name="Stubborn">Does not stop when it is told to.</param>
/// <param name="Deadly">Kills its node.</param>
/// <param name="Until">A file: the work is not done before it is there.</param>
internal sealed record Order(int Takes = 0, int Count = 0, bool Stubborn = false, bool Deadly = false, string? Until = null);

internal sealed record Answer(string Job, int Attempt);

/// <summary>The work of the features.</summary>
internal sealed class Works(Effects effects, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder app)
    {
        foreach (var feature in new[] { "quick", "slow", "either", "once", "patient" }) app.MapFeature<Order, Answer>(feature, DoAsync);
        app.MapFeature<Order, FeatureResult<Answer>>("flaky", FlakyAsync);
        app.MapFeature<Order, FeatureResult<Answer>>("doomed", DoomedAsync);
        app.MapFeature<Order, FeatureResult<Answer>>("stumbles", StumblesAsync);
        app.MapFeature<Order, Answer>("poison", PoisonAsync);
        app.MapFeature<Order, string>("tokens", TokensAsync);
        app.MapWorkflow<Journey>("journey");
        app.MapWorkflow<Booking>("booking");
    }

    private async Task<Answer> DoAsync(Order order, FeatureContext context, CancellationToken stop)
    {
        effects.Add(context);
        if (order.Stubborn) stop = CancellationToken.None;
        if (order.Takes > 0) await Task.Delay(TimeSpan.FromMilliseconds(order.Takes), time, stop);
        while (order.Until is not null && !File.Exists(order.Until)) await Task.Delay(TimeSpan.FromMilliseconds(20), time, stop);
        return new Answer(context.Job, context.Attempt);
    }

    // The last digit of the job says how many failures come first, so that the tester knows it too.
    private async Task<FeatureResult<Answer>> FlakyAsync(Order order, FeatureContext context, CancellationToken stop)
    {
        var answer = await DoAsync(order, context, stop);
        return context.Attempt <= context.Job[^1] % 3 ? FeatureResult.RetryAfter(TimeSpan.Zero, "flaky", "Fails at first, and says so.") : answer;
    }

    private async Task<FeatureResult<Answer>> DoomedAsync(Order order, FeatureContext context, CancellationToken stop)
    {
        await DoAsync(order, context, stop);
        return FeatureResult.RetryAfter(TimeSpan.Zero, "doomed", "Fails every time.");
    }

    private async Task<FeatureResult<Answer>> StumblesAsync(Order order, FeatureContext context, CancellationToken stop)
    {
        var answer = await DoAsync(order, context, stop);
        return context.Attempt == 1 ? FeatureResult.RetryAfter(TimeSpan.Zero, "stumbles", "Fails once.") : answer;
    }

    private Task<Answer> PoisonAsync(Order order, FeatureContext context, CancellationToken stop)
    {
        if (!order.Deadly) return DoAsync(order, context, stop);
        effects.Add(context);
        Death.Now();
        throw new InvalidOperationException("Still alive.");
    }

    private async IAsyncEnumerable<string> TokensAsync(Order order, FeatureContext context, [EnumeratorCancellation] CancellationToken stop)
    {
        effects.Add(context);
        for (var number = 1; number <= order.Count; number++)
        {
            if (order.Takes > 0) await Task.Delay(TimeSpan.FromMilliseconds(order.Takes), time, stop);
            yield return $"{number} ";
        }
    }
}

/// <summary>SIGKILL, as from outside: nothing of the process gets to clean up.</summary>
internal static partial class Death
{
    private const int Sigkill = 9;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    public static void Now()
    {
        _ = Kill(Environment.ProcessId, Sigkill);
        // The signal is asynchronous; nothing may be done until it arrives.
        Thread.CurrentThread.Join();
    }
}
