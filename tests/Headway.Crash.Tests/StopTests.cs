using System.Text;
using Headway.Access;
using Headway.Crash.Tests.Checking;
using Headway.Crash.Tests.Hosting;
using Headway.Handlers;
using Headway.Handlers.Code;
using Headway.Jobs.Accepting;

namespace Headway.Crash.Tests;

/// <summary>An orderly stop in the worst moment, in this process so that the moment can be chosen.</summary>
public sealed class StopTests
{
    private const string Features = "features: { slow: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code } }";

    [Theory]
    [InlineData("AcceptJob:after-commit", true)]
    [InlineData("ClaimJobs:after-commit", false)]
    public async Task A_job_that_is_claimed_as_the_node_stops_is_handed_back(string claims, bool alone)
    {
        using var data = new DataFolder();
        var file = Path.Combine(data.Root, "headway.yaml");
        await File.WriteAllTextAsync(file, Features);
        using var claimed = new SemaphoreSlim(0);
        using var stopping = new ManualResetEventSlim();
        var code = new CodeHandlers();
        code.Add<Dictionary<string, int>, string>("slow", async (_, _, stop) =>
        {
            await Task.Delay(Timeout.Infinite, stop);
            return "";
        });
        var engine = await Engine.StartAsync(new EngineOptions
        {
            File = file,
            Database = data.Address,
            Code = code,
            Environment = name => name is "HEADWAY_MASTER_KEY" ? Convert.ToBase64String(new byte[32]) : null,
            DrainWithin = TimeSpan.FromMilliseconds(100),
            Fault = point =>
            {
                if (point != claims || stopping.IsSet) return;
                claimed.Release();
                stopping.Wait();
            },
        }, CancellationToken.None);
        var call = new Call { Feature = engine.Features.Features["slow"].Latest, Caller = Caller.Local, Input = new JobInput { MediaType = Result.Json, Json = Encoding.UTF8.GetBytes("{}") } };
        // Alone it is claimed as it is accepted; lines go through the queue.
        Task accepted = alone ? engine.CallAsync(call, CancellationToken.None) : engine.SubmitAsync([call], CancellationToken.None);
        (await claimed.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue();
        var stopped = engine.DisposeAsync().AsTask();
        stopping.Set();
        await stopped;

        await accepted;
        Checker.Ask(data, "SELECT state || '' FROM queue").ShouldBe(["1"]);
        Checker.Ask(data, "SELECT node FROM leases").ShouldBeEmpty();
    }
}
