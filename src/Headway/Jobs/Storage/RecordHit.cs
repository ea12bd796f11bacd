using Headway.Storage;
using Headway.Streams;

namespace Headway.Jobs.Storage;

/// <summary>A call that was answered without work of its own, durable before its answer: record, output, audit events and, if it has one, its idempotency key.</summary>
internal sealed class RecordHit(NewJob job, Ending ending, LogRow? output) : Write<Acceptance>
{
    internal override IReadOnlyList<Claim> Claims => job.Claims;

    protected override async ValueTask<Acceptance> ApplyAsync(Session session)
    {
        if (await AcceptJob.KeptAsync(session, job).ConfigureAwait(false) is { } repeat) return repeat;
        if (job.Idempotency is { } key && !await AcceptJob.TakeKeyAsync(session, job, key).ConfigureAwait(false)) return await AcceptJob.KeptAsync(session, job).ConfigureAwait(false) ?? throw AcceptJob.TakenMeanwhile;
        await RecordCall.WriteAsync(session, job, ending).ConfigureAwait(false);
        if (output is not null) LogWrites.Append(session, job.Origin.Id, output);
        return new Acceptance.Accepted(Claimed: false);
    }
}
