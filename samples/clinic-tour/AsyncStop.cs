using Headway.Client;

namespace ClinicTour;

/// <summary>Prescription summary: read later at home, so the caller leaves with a job id. A repeat with the same key is the same job.</summary>
internal sealed class AsyncStop(Guide guide)
{
    public async Task ShowAsync()
    {
        guide.Announce("prescription-summary", "async, prompt", "a job id at once, the result within 10 minutes; nothing accepted is lost");
        var options = new CallOptions { IdempotencyKey = $"tour-{Environment.ProcessId}", Subject = "encounter/E-8702" };
        var input = guide.Input("prescriptions-discharge.json");
        var (answer, took) = await Guide.TimeAsync(() => guide.Client.CallAsync("prescription-summary", input, options));
        if (answer is not CallAnswer.Accepted accepted)
        {
            guide.Promise(false, $"accepted as a job, not {answer.GetType().Name}");
            return;
        }

        guide.Tell($"accepted as {accepted.Job.Id}, {accepted.Job.State.ToString().ToLowerInvariant()}, after {Guide.Seconds(took)}");
        guide.Promise(took < TimeSpan.FromSeconds(1), "the caller may leave within a second");
        guide.Promise(accepted.Job.DeliverBy == accepted.Job.Created.AddMinutes(10), "the job says when its result is due");
        var repeat = await guide.Client.CallAsync("prescription-summary", input, options);
        guide.Promise(repeat is CallAnswer.Accepted again && again.Job.Id == accepted.Job.Id, "the same call with the same key is the same job");

        var ended = await guide.Client.WaitJobAsync(accepted.Job.Id, TimeSpan.FromMinutes(2));
        if (ended.State != JobState.Succeeded)
        {
            guide.Promise(false, $"succeeded; it is {ended.State}: {ended.Error?.Message ?? ended.WaitingFor?.Text}");
            return;
        }

        var result = await guide.Client.ResultAsync(ended.Id);
        guide.Tell($"result ({result.MediaType}): {Guide.Beginning(result.AsText())}");
        guide.Promise(result.AsText().Contains("bisoprolol", StringComparison.OrdinalIgnoreCase), "the summary speaks of the drugs on the list");
        await guide.ShowJobAsync(ended.Id, Mode.Async, "submitted", "started", "disclosed", "completed", "delivered");
    }
}
