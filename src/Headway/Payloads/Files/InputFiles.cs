namespace Headway.Payloads.Files;

/// <summary>The files of inputs as the rest of the engine uses them: taken before their job is accepted, described for its handler.</summary>
internal sealed class InputFiles(FilePayloads payloads, Vault vault)
{
    /// <summary>Takes one file to its end, under the key of the job's subject.</summary>
    /// <param name="file">What the caller says of it; <see cref="FileUpload.Key"/> is set here.</param>
    public async Task<UploadOutcome> TakeAsync(FileArrival file, Stream content, CancellationToken stop)
    {
        var key = await vault.KeyAsync(file.Tenant, file.Subject, stop).ConfigureAwait(false);
        var upload = new FileUpload
        {
            Tenant = file.Tenant,
            Job = file.Job,
            Key = key,
            Number = file.Number,
            Name = file.Name,
            FileName = file.FileName,
            MediaType = file.MediaType,
            Most = file.Most,
        };
        return await payloads.StoreAsync(upload, content, stop).ConfigureAwait(false);
    }

    /// <summary>The files of a job as its handler gets them.</summary>
    public IReadOnlyList<InputFile> Of(string tenant, JobId job) => [.. payloads.List(tenant, job).Select(file => Describe(tenant, job, file))];

    public InputFile Describe(string tenant, JobId job, StoredFile file) => new(
        file.Name, file.FileName, file.MediaType, file.Length, file.Sha256, _ => ValueTask.FromResult(payloads.OpenRead(tenant, job, file)));

    /// <summary>Of a call that was refused after its files had come.</summary>
    public Task ForgetAsync(JobId job) => payloads.DeleteAsync(job);
}

/// <summary>A file that is about to be taken.</summary>
/// <param name="Job">The id its job will have.</param>
/// <param name="Number">1 for the first file of the job.</param>
/// <param name="Name">Field name; `file` for a raw body.</param>
/// <param name="MediaType">As declared; null or application/octet-stream: the content decides.</param>
/// <param name="Most">Bytes it may have.</param>
internal sealed record FileArrival(string Tenant, string? Subject, JobId Job, int Number, string Name, string? FileName, string? MediaType, long Most);
