using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.Features;
using Headway.Payloads.Files;

namespace Headway.AspNetCore.Features;

/// <summary>Where the files of one call are put while it is read: in the payload store, under the id its job will have.</summary>
internal sealed class InputShelf(Engine engine, FeatureVersion feature, Caller caller, string? subject, DateTimeOffset now)
{
    private int _taken;

    public FeatureVersion Feature => feature;

    /// <summary>Null until a file was taken.</summary>
    public JobId? Job { get; private set; }

    public async ValueTask<(Problem? Problem, InputFile? File)> TakeAsync(string name, string? fileName, string? mediaType, long most, Stream content, CancellationToken stop)
    {
        var job = Job ??= JobId.New(now);
        var arrival = new FileArrival(caller.Tenant, subject, job, ++_taken, name, fileName, mediaType, most);
        return await engine.Files.TakeAsync(arrival, content, stop) switch
        {
            UploadOutcome.Stored stored => (null, engine.Files.Describe(caller.Tenant, job, stored.File)),
            UploadOutcome.Refused refused => (Refused(refused.Refusal), null),
            var other => throw new InvalidOperationException($"{other.GetType().Name} has no HTTP answer"),
        };
    }

    /// <summary>Of a call that did not become the job its files were taken for.</summary>
    public Task ForgetAsync() => Job is { } job ? engine.Files.ForgetAsync(job) : Task.CompletedTask;

    private Problem Refused(FileRefusal refusal) => refusal.Code switch
    {
        FileRefusal.TooLargeCode => InputBody.TooLarge(feature),
        FileRefusal.UnsupportedCode => new Problem(ProblemKind.MediaTypeUnsupported, refusal.Message),
        FileRefusal.MismatchCode => new Problem(ProblemKind.MediaTypeMismatch, refusal.Message),
        _ => new Problem(ProblemKind.BodyEmpty, refusal.Message),
    };
}
