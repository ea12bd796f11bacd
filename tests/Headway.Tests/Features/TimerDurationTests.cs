using Headway.Features;
using Headway.Models;

namespace Headway.Tests.Features;

/// <summary>The longest durations that the file takes are set on the real clock, which throws where a timer cannot run as long.</summary>
public sealed class TimerDurationTests
{
    private static FeatureFile Read(string file)
    {
        using var folder = new FileFolder();
        return folder.Read(file).File.ShouldNotBeNull();
    }

    [Fact]
    public void Whatever_the_file_takes_a_timer_can_wait_for()
    {
        var file = Read("""
            models: { m: { provider: openai, model: x, timeouts: { connect: 7w, firstToken: 49d, idle: 1176h, total: 4233600s }, expose: true } }
            features:
              long:   { contract: { mode: sync, acceptableWait: 7w }, handler: code }
              stream: { contract: { mode: stream, resumeFor: 7w }, handler: code, timeout: 7w }
              hybrid: { contract: { mode: hybrid, acceptableWait: 49d, deliverWithin: 1y }, handler: code, retry: { backoff: 1s..7w } }
            """);
        var versions = file.Features.Values.SelectMany(feature => feature.Versions).ToList();
        var timeouts = file.Models["m"].Timeouts;
        TimeSpan?[] durations = [.. versions.Select(version => (TimeSpan?)version.Timeout), .. versions.Select(version => version.Contract.Wait), .. versions.Select(version => (TimeSpan?)version.Contract.ResumeFor)];

        foreach (var duration in durations.OfType<TimeSpan>())
        {
            duration.ShouldBeLessThanOrEqualTo(Duration.LongestTimer);
            using var timer = TimeProvider.System.CreateTimer(static _ => { }, null, duration, Timeout.InfiniteTimeSpan);
        }
        using var patience = new Patience(timeouts, TimeProvider.System, null, CancellationToken.None);
        foreach (var limit in Enum.GetValues<Limit>()) patience.WaitFor(limit);
    }

    [Fact]
    public void The_next_longer_timer_is_one_that_throws() => Should.Throw<ArgumentOutOfRangeException>(() =>
        TimeProvider.System.CreateTimer(static _ => { }, null, Duration.LongestTimer + TimeSpan.FromDays(1), Timeout.InfiniteTimeSpan));
}
