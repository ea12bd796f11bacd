using Headway.Storage;

namespace Headway.Jobs.Waiting;

/// <summary>A signal that was sent and not taken yet.</summary>
/// <param name="Actor">Who sent it.</param>
/// <param name="ByApprover">That one may decide.</param>
internal sealed record SentSignal(long Number, string Name, string Actor, long Sent, bool ByApprover)
{
    /// <summary>At which signals are sealed: their numbers are not known by then. No line of a journal has it.</summary>
    public const long Position = -1;

    private static readonly Sql OfJob = Sql.At("Jobs/Waiting/ReadSignals");

    private static readonly Sql Body = Sql.At("Jobs/Waiting/ReadSignalBody");

    /// <summary>What came with it, sealed.</summary>
    public async ValueTask<byte[]> BodyAsync(Session session, JobId job)
    {
        using var read = session.Use(Body).Bind(1, job).Bind(2, Number);
        return await read.StepAsync().ConfigureAwait(false) ? read.Blob(0)! : throw new StorageException("storage-corrupt", $"Signal {Number} of {job} is gone while it is asked for.");
    }

    public static async ValueTask<List<SentSignal>> ReadAsync(Session session, JobId job)
    {
        var sent = new List<SentSignal>();
        using var read = session.Use(OfJob).Bind(1, job).Bind(2, SendSignal.Most);
        while (await read.StepAsync().ConfigureAwait(false)) sent.Add(new SentSignal(read.Int64(0), read.Text(1)!, read.Text(2)!, read.Int64(3), read.Int64(4) != 0));
        return sent;
    }
}
