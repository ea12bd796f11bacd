using System.Text.Json;
using Headway.Client;

namespace ClinicTour;

/// <summary>Interaction check: two drugs are answered inline; a dozen outlast the wait, and the same call becomes a job that goes on.</summary>
internal sealed class HybridStop(Guide guide)
{
    public async Task ShowAsync()
    {
        guide.Announce("interaction-check", "hybrid, HTTP service", "the answer if it is ready within 2 s, else a job; the work goes on either way");
        await ShowQuickAsync();
        await ShowSlowAsync();
    }

    private async Task ShowQuickAsync()
    {
        var (answer, took) = await Guide.TimeAsync(() => guide.Client.CallAsync("interaction-check", guide.Input("interactions-two.json")));
        if (answer is not CallAnswer.Done done)
        {
            guide.Promise(false, $"two drugs: the answer itself, not {answer.GetType().Name}");
            return;
        }

        guide.Tell($"two drugs: {Worst(done.Result)}, inline after {Guide.Seconds(took)}");
        guide.Promise(took < TimeSpan.FromSeconds(2), "inline within the wait");
        await guide.ShowJobAsync(done.Result.Job!, Mode.Hybrid, "submitted", "started", "disclosed", "completed", "delivered");
    }

    private async Task ShowSlowAsync()
    {
        var (answer, took) = await Guide.TimeAsync(() => guide.Client.CallAsync("interaction-check", guide.Input("interactions-many.json")));
        if (answer is not CallAnswer.Accepted accepted)
        {
            guide.Promise(false, $"twelve drugs: a job, not {answer.GetType().Name}");
            return;
        }

        guide.Tell($"twelve drugs: a job after {Guide.Seconds(took)}, {accepted.Job.State.ToString().ToLowerInvariant()}{Progress(accepted.Job)}");
        guide.Promise(took > TimeSpan.FromSeconds(1.5) && took < TimeSpan.FromSeconds(4), "a job when the wait of 2 s was over");
        var ended = await guide.Client.WaitJobAsync(accepted.Job.Id, TimeSpan.FromMinutes(1));
        if (ended.State != JobState.Succeeded)
        {
            guide.Promise(false, $"succeeded; it is {ended.State}: {ended.Error?.Message ?? ended.WaitingFor?.Text}");
            return;
        }

        guide.Tell($"twelve drugs: {Worst(await guide.Client.ResultAsync(ended.Id))}");
        await guide.ShowJobAsync(ended.Id, Mode.Hybrid, "submitted", "started", "disclosed", "completed", "delivered");
    }

    private static string Worst(ResultRecord result)
    {
        using var answer = JsonDocument.Parse(result.Body);
        return $"{answer.RootElement.GetProperty("interactions").GetArrayLength()} interactions, the worst is {answer.RootElement.GetProperty("worst").GetString()}";
    }

    private static string Progress(JobRecord job) => job.Progress is { } progress ? $", {progress.Done} of {progress.Total} {progress.Note}" : "";
}
