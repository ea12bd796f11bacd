using Headway.Crash.Tests.Checking;
using Headway.Crash.Tests.Hosting;
using Headway.Upstream;

namespace Headway.Crash.Tests.Load;

/// <summary>Waits until a node has nothing left to do.</summary>
internal static class Ends
{
    // Longer than any work of these tests can take with every retry on a machine that does much else.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <param name="living">How many nodes there are: the leases of the others run out, and are taken away by one of them.</param>
    public static async Task AllAsync(HostProcess node, DataFolder data, int living = 1)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (Checker.Ask(data, "SELECT lower(hex(job)) FROM queue") is { Count: > 0 } left)
        {
            foreach (var job in left) await OfAsync(node, "job_" + job, limit.Token);
        }
        await Until.IsSoAsync(() => Checker.Ask(data, "SELECT node FROM leases").Count <= living, Patience);
    }

    /// <summary>Waits for one job and gives its JSON.</summary>
    public static async Task<string> OfAsync(HostProcess node, string job, CancellationToken stop = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Patience);
        while (true)
        {
            using var question = new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/{job}");
            question.Headers.Add("Prefer", "wait=5");
            using var answer = await node.Http.SendAsync(question, limit.Token);
            var text = await answer.Content.ReadAsStringAsync(limit.Token);
            if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{job}: {text}");
            if (text.Contains("\"finished\":", StringComparison.Ordinal)) return text;
        }
    }
}
