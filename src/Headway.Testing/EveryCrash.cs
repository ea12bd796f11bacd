using System.Text.Json;
using Headway.Handlers.Code;

namespace Headway.Testing;

/// <summary>Runs a test once for each place at which its node can die.</summary>
internal static class EveryCrash
{
    public static async Task<IReadOnlyList<string>> CheckAsync<TWorkflow>(Action<WorkflowTestSetup>? setup, Func<WorkflowTestHost, Task<object?>> test) where TWorkflow : class
    {
        var undisturbed = await RunAsync<TWorkflow>(setup, test, null).ConfigureAwait(false);
        var boundaries = undisturbed.Boundaries.Where(IsOfWorkflow).Distinct().ToList();
        foreach (var boundary in boundaries)
        {
            var disturbed = await RunAsync<TWorkflow>(setup, test, boundary).ConfigureAwait(false);
            if (disturbed.Crashes == 0) throw new WorkflowTestException($"The node was to die {Say(boundary)}, and did not come there: the test is not the same each time. Give it no chance and no time of its own.");
            if (disturbed.Answer != undisturbed.Answer) throw Differs(boundary, "what comes out", undisturbed.Answer, disturbed.Answer);
            var (lost, made) = (undisturbed.Worked.Except(disturbed.Worked).ToList(), disturbed.Worked.Except(undisturbed.Worked).ToList());
            if (lost.Count + made.Count > 0) throw Differs(boundary, "what is done", string.Join(", ", lost.DefaultIfEmpty("no more than before")), string.Join(", ", made.DefaultIfEmpty("nothing of that")));
        }
        return boundaries.ConvertAll(Say);
    }

    // Each line of a journal, and the end. How other writes share transactions is another each time.
    private static bool IsOfWorkflow(string boundary) => boundary.StartsWith("journal ", StringComparison.Ordinal) || boundary.StartsWith("EndJob:", StringComparison.Ordinal);

    private static string Say(string boundary)
    {
        var (point, side) = (boundary[..boundary.LastIndexOf(':')], boundary.EndsWith("before-commit", StringComparison.Ordinal) ? "before" : "after");
        return $"{side} {(point == "EndJob" ? "the end" : point["journal ".Length..])}";
    }

    private static WorkflowTestException Differs(string boundary, string what, string expected, string found) =>
        new($"When the node dies {Say(boundary)}, {what} is another. Expected: {expected}. Found: {found}.");

    private static async Task<Outcome> RunAsync<TWorkflow>(Action<WorkflowTestSetup>? setup, Func<WorkflowTestHost, Task<object?>> test, string? boundary) where TWorkflow : class
    {
        var host = await WorkflowTestHost.StartAsync<TWorkflow>(setup).ConfigureAwait(false);
        await using (host.ConfigureAwait(false))
        {
            if (boundary is not null) host.CrashAt(boundary);
            try
            {
                var answer = await test(host).ConfigureAwait(false);
                await host.RestAsync().ConfigureAwait(false);
                return new Outcome(JsonSerializer.Serialize(answer, answer?.GetType() ?? typeof(object), CodeJson.Options), host.Worked, host.Boundaries, host.Crashes);
            }
#pragma warning disable CA1031 // Whatever the test throws, it is told where the node had died.
            catch (Exception error) when (boundary is not null)
#pragma warning restore CA1031
            {
                throw new WorkflowTestException($"When the node dies {Say(boundary)}, the test fails: {error.Message}", error);
            }
        }
    }

    private sealed record Outcome(string Answer, IReadOnlyList<string> Worked, IReadOnlyList<string> Boundaries, int Crashes);
}
