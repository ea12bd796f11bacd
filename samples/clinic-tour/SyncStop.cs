using System.Text.Json;
using Headway.Client;

namespace ClinicTour;

/// <summary>Intake triage: the clinician's next action waits for it, so the answer is the answer of the call.</summary>
internal sealed class SyncStop(Guide guide)
{
    private static readonly (string File, string Priority)[] Forms = [("intake-sepsis.json", "emergency"), ("intake-routine.json", "routine")];

    public async Task ShowAsync()
    {
        guide.Announce("intake-triage", "sync, C# code", "the answer within 2 s, on one connection; opened in the audit trail before the data is seen");
        foreach (var (file, priority) in Forms)
        {
            var (answer, took) = await Guide.TimeAsync(() => guide.Client.CallAsync("intake-triage", guide.Input(file)));
            if (answer is not CallAnswer.Done done)
            {
                guide.Promise(false, $"{file}: the answer itself, not {answer.GetType().Name}");
                continue;
            }

            using var triage = JsonDocument.Parse(done.Result.Body);
            var found = triage.RootElement.GetProperty("priority").GetString();
            guide.Tell($"{file}: {found}, {triage.RootElement.GetProperty("why").GetString()}, after {Guide.Seconds(took)}");
            guide.Promise(took < TimeSpan.FromSeconds(2), "within the acceptable wait");
            guide.Promise(found == priority, $"triaged as {priority}");
            await guide.ShowJobAsync(done.Result.Job!, Mode.Sync, "opened", "served");
        }
    }
}
