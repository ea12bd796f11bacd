using System.Net;
using System.Text;
using Headway.Crash.Tests.Hosting;

namespace Headway.Crash.Tests.Load;

/// <summary>Callers that go on calling whatever becomes of the node: a call with a key is repeated until it is answered, one without is forgotten.</summary>
internal sealed class Callers(Ledger ledger, int seed) : IAsyncDisposable
{
    private static readonly string[] Features = ["quick", "quick", "slow", "flaky", "flaky", "doomed", "either", "either", "once", "patient", "tokens"];

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _callers = [];
    private readonly Lock _gate = new();
    private TaskCompletionSource<HostProcess> _node = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess? _turned;

    public void Begin(int count)
    {
        for (var number = 0; number < count; number++) _callers.Add(CallOnAsync(number));
    }

    /// <summary>From now on calls go to this node.</summary>
    public void Turn(HostProcess node)
    {
        lock (_gate)
        {
            Renew();
            _turned = node;
            _node.SetResult(node);
        }
    }

    /// <summary>There is no node: calls wait for the next.</summary>
    public void Hold()
    {
        lock (_gate) Renew();
    }

    // Those who wait already wait on this one: it is replaced only when it has told them.
    private void Renew()
    {
        if (_node.Task.IsCompleted) _node = new TaskCompletionSource<HostProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private Task<HostProcess> NodeAsync()
    {
        lock (_gate) return _node.Task;
    }

    private async Task CallOnAsync(int number)
    {
        var random = new Random(HashCode.Combine(seed, number));
        var calls = 0;
        while (!_stop.IsCancellationRequested)
        {
            var feature = Features[random.Next(Features.Length)];
            var key = random.Next(2) == 0 || feature is "once" ? $"key-{number}-{++calls}" : null;
            var order = $$"""{"takes":{{(feature is "quick" ? 0 : random.Next(feature is "tokens" ? 10 : 150))}},"count":{{random.Next(1, 40)}}}""";
            var repeats = key is not null && random.Next(3) == 0 ? 2 : 1;
            var mayCancel = random.Next(8) == 0;
            for (var repeat = 0; repeat < repeats; repeat++)
            {
                var job = await AnsweredAsync(feature, key, order);
                if (job is not null && mayCancel) await CancelAsync(job);
            }
        }
    }

    /// <summary>The job of the answer; null: the call had no key and its connection broke, or the tester stopped.</summary>
    private async Task<string?> AnsweredAsync(string feature, string? key, string order)
    {
        while (true)
        {
            var node = await WithinStop(NodeAsync());
            if (node is null) return null;
            try
            {
                using var call = new HttpRequestMessage(HttpMethod.Post, $"/v1/features/{feature}") { Content = new StringContent(order, Encoding.UTF8, "application/json") };
                if (key is not null) call.Headers.Add("Idempotency-Key", key);
                using var answer = await node.Http.SendAsync(call, HttpCompletionOption.ResponseHeadersRead);
                if (answer.Headers.TryGetValues("Headway-Job", out var named)) ledger.Promise(new Promise(named.Single(), feature, key));
                await answer.Content.ReadAsByteArrayAsync();
                // Full or still under way: what was not accepted is called again.
                if (named is null && key is not null && answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.Conflict) continue;
                return named?.Single();
            }
            catch (Exception error) when (Calls.Broken(error))
            {
                if (key is null) return null;
                Forget(node);
            }
        }
    }

    private async Task CancelAsync(string job)
    {
        try
        {
            var node = await WithinStop(NodeAsync());
            if (node is null) return;
            using var answer = await node.Http.PostAsync($"/v1/jobs/{job}/cancel", null);
            if (answer.IsSuccessStatusCode && (await answer.Content.ReadAsStringAsync()).Contains("\"state\":\"cancelled\"", StringComparison.Ordinal)) ledger.Cancelled.Add(job);
        }
        catch (Exception error) when (Calls.Broken(error))
        {
            // Nobody knows whether it was cancelled; either end is right.
        }
    }

    // The first to find the node dead makes everybody wait for the next one.
    private void Forget(HostProcess node)
    {
        lock (_gate)
        {
            if (_turned == node) Renew();
        }
    }

    private async Task<HostProcess?> WithinStop(Task<HostProcess> node)
    {
        try
        {
            return await node.WaitAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>No further call is begun; those under way are answered.</summary>
    public async Task EndAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_callers);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _stop.Dispose();
    }
}
