namespace Commerce.Review;

/// <summary>Reviews as files. Each is named by its job and replaced whole, so a step that is done twice leaves what it left the first time.</summary>
internal sealed class Reviews(string folder)
{
    public async Task WriteAsync(string job, string report, CancellationToken stop)
    {
        Directory.CreateDirectory(folder);
        // Renamed into place: a reader sees all of it or what was there before.
        var part = $"{Path.Combine(folder, job)}.part";
        await File.WriteAllTextAsync(part, report, stop);
        File.Move(part, FileOf(job), overwrite: true);
    }

    /// <summary>Null: there is none, or that is no job's id.</summary>
    public string? Find(string job) =>
        job.StartsWith("job_", StringComparison.Ordinal) && job[4..].All(char.IsAsciiHexDigit) && File.Exists(FileOf(job)) ? Path.GetFullPath(FileOf(job)) : null;

    private string FileOf(string job) => Path.Combine(folder, $"{job}.md");
}
