using Headway.Storage;

namespace Headway.Reconciliation;

/// <summary>Whose turn the walk of all records is: one node's at a time, and once an hour in all, however many nodes there are.</summary>
/// <remarks>Invariant: how far a walk came is in the database, so when the node that walks is lost, another goes on from there as soon as its turn has lapsed.</remarks>
/// <param name="lease">The number of this node's lease, which no other node has or had.</param>
internal sealed class WalkTurn(Database database, Func<long> lease)
{
    /// <summary>What is walked for cannot happen, so it has time.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromHours(1);

    // Some passes: a slow one does not lose its turn.
    private static readonly TimeSpan HeldFor = TimeSpan.FromMinutes(2);

    private static readonly Sql May = Sql.At("Reconciliation/MayWalk");
    private static readonly Sql Take = Sql.At("Reconciliation/TakeWalk");
    private static readonly Sql Keep = Sql.At("Reconciliation/KeepWalk");
    private static readonly Sql End = Sql.At("Reconciliation/EndWalk");

    private long HeldUntil => database.Now + (long)HeldFor.TotalMilliseconds;

    /// <summary>Where this node goes on; null: no walk is due, or another node walks.</summary>
    public async Task<JobId?> TakeAsync()
    {
        var (mine, now) = (lease(), database.Now);
        // A look costs no write, and most find nothing.
        var may = await database.ReadAsync(async session =>
        {
            using var read = session.Use(May).Bind(1, now).Bind(2, mine);
            return await read.StepAsync().ConfigureAwait(false);
        }).ConfigureAwait(false);
        if (!may) return null;
        return await database.WriteAsync(new Turn<JobId?>(async session =>
        {
            using var taken = session.Use(Take).Bind(1, mine).Bind(2, HeldUntil).Bind(3, now);
            return await taken.StepAsync().ConfigureAwait(false) ? taken.JobId(0) : null;
        })).ConfigureAwait(false);
    }

    /// <param name="next">Where the walk goes on; null: it has come to its end.</param>
    public Task KeepAsync(JobId? next) => database.WriteAsync(new Turn<int>(session => next is { } after
        ? session.Use(Keep).Bind(1, after).Bind(2, HeldUntil).Bind(3, lease()).ExecuteAsync()
        : session.Use(End).Bind(1, RecordWalk.First).Bind(2, database.Now + (long)Every.TotalMilliseconds).Bind(3, lease()).ExecuteAsync()));

    private sealed class Turn<T>(Func<Session, ValueTask<T>> apply) : Write<T>
    {
        internal override IReadOnlyList<Claim> Claims => [new Claim("walk", "records")];

        protected override ValueTask<T> ApplyAsync(Session session) => apply(session);
    }
}
