namespace ResearchAgent;

/// <summary>Reports as files. Each step names its file by the job and writes it whole, so a step that is done twice leaves what it left the first time.</summary>
internal sealed class Reports(string folder)
{
    public async Task WriteDraftAsync(string job, string report, CancellationToken stop)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(DraftOf(job), report, stop);
    }

    public async Task PublishAsync(string job, string report, CancellationToken stop)
    {
        // Renamed into place: a reader sees all of it or nothing.
        var part = $"{Path.Combine(folder, job)}.part";
        await File.WriteAllTextAsync(part, report, stop);
        File.Move(part, ReportOf(job), overwrite: true);
        File.Delete(DraftOf(job));
    }

    public Task WithdrawAsync(string job, CancellationToken stop)
    {
        File.Delete(DraftOf(job));
        return Task.CompletedTask;
    }

    /// <summary>The report if it is published, else its draft. Null: neither, or no job's id.</summary>
    public string? Find(string job)
    {
        if (!job.StartsWith("job_", StringComparison.Ordinal) || !job[4..].All(char.IsAsciiHexDigit)) return null;
        return new[] { ReportOf(job), DraftOf(job) }.Select(Path.GetFullPath).FirstOrDefault(File.Exists);
    }

    private string ReportOf(string job) => Path.Combine(folder, $"{job}.md");

    private string DraftOf(string job) => Path.Combine(folder, $"{job}.draft.md");
}
