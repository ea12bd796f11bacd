using Headway.Jobs.Running;
using Headway.Storage;

namespace Headway.Jobs.Waiting;

/// <summary>What a job may wait for without a place of its own. The numbers are stored. Died: of a dead letter, what it died of, which it asks for anew when it is replayed. UndoRetry: another try of an undoing.</summary>
internal enum WaitKind { Timer = 1, Signal = 2, Approval = 3, Child = 4, Retry = 5, Died = 6, Start = 7, UndoRetry = 8 }

/// <summary>Something a job has asked for and not got.</summary>
/// <param name="Name">What it calls it; with the occurrence its only one of that name.</param>
/// <param name="Due">When it is waited for no longer; of a timer and of another try: when it is there. Milliseconds since 1970.</param>
/// <param name="Began">When it was asked for.</param>
internal sealed record Wait(string Name, int Occurrence, WaitKind Kind, long? Due, JobId? Child, long Began)
{
    /// <summary>Of another try: what became of those before.</summary>
    public Tally Tally { get; init; }

    /// <summary>Of a child: it has ended.</summary>
    public bool IsOver { get; init; }

    /// <summary>Of an approval: what is asked, sealed at <see cref="QuestionPosition"/>.</summary>
    public byte[]? Question { get; init; }

    /// <summary>No line of a journal and no signal has it.</summary>
    public const long QuestionPosition = -2;
}

/// <summary>The statements of what jobs wait for.</summary>
internal static class Waits
{
    private static readonly Sql Insert = Sql.At("Jobs/Waiting/InsertWait");
    private static readonly Sql Delete = Sql.At("Jobs/Waiting/DeleteWait");
    private static readonly Sql DeleteAll = Sql.At("Jobs/Waiting/DeleteWaits");
    private static readonly Sql DeleteSignals = Sql.At("Jobs/Waiting/DeleteSignals");
    private static readonly Sql OfJob = Sql.At("Jobs/Waiting/ReadWaits");

    public static void Add(Session session, JobId job, Wait wait) => session.Use(Insert)
        .Bind(1, job).Bind(2, wait.Name).Bind(3, wait.Occurrence).Bind(4, (long)wait.Kind).Bind(5, wait.Due).Bind(6, wait.Child).Bind(7, wait.Began).Bind(8, wait.Tally.Stored()).Bind(9, wait.Question).Send();

    public static void Remove(Session session, JobId job, string name, int occurrence) => session.Use(Delete).Bind(1, job).Bind(2, name).Bind(3, occurrence).Send();

    public static void RemoveAll(Session session, JobId job) => session.Use(DeleteAll).Bind(1, job).Send();

    /// <summary>With all that was sent to it.</summary>
    public static void Forget(Session session, JobId job)
    {
        RemoveAll(session, job);
        session.Use(DeleteSignals).Bind(1, job).Send();
    }

    public static async ValueTask<List<Wait>> ReadAsync(Session session, JobId job)
    {
        var waits = new List<Wait>();
        using var read = session.Use(OfJob).Bind(1, job);
        while (await read.StepAsync().ConfigureAwait(false))
        {
            waits.Add(new Wait(read.Text(0)!, read.Int32(1), (WaitKind)read.Int64(2), read.Int64OrNull(3), read.IsNull(4) ? null : read.JobId(4), read.Int64(5))
            {
                Tally = Tally.Read(read.Text(6)),
                IsOver = read.Int64(7) != 0,
                Question = read.Blob(8),
            });
        }
        return waits;
    }
}
