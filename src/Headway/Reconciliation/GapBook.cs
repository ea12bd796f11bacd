using Headway.Storage;

namespace Headway.Reconciliation;

/// <summary>What reconciliation has found, on all nodes.</summary>
/// <remarks>Invariant: of a kind about the same thing one gap is open. It is found again and again, by any number of nodes, and stays the same one until it is over.</remarks>
internal sealed class GapBook(Database database)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);
    private const int Batch = 500;

    private static readonly Sql Note = Sql.At("Reconciliation/NoteGap");
    private static readonly Sql End = Sql.At("Reconciliation/EndGap");
    private static readonly Sql EndOver = Sql.At("Reconciliation/EndOver");
    private static readonly Sql Forget = Sql.At("Reconciliation/ForgetGaps");
    private static readonly Sql Open = Sql.At("Reconciliation/OpenGaps");
    private static readonly Sql Select = Sql.At("Reconciliation/SelectGaps");

    /// <summary>Writes down what was found; what is mended already is over at once.</summary>
    public async Task NoteAsync(IReadOnlyList<Gap> gaps)
    {
        foreach (var batch in gaps.Chunk(Batch)) await database.WriteAsync(new Deed(session => ValueTask.FromResult(Add(session, batch)))).ConfigureAwait(false);
    }

    /// <summary>Notes the gaps of a kind that are there, and ends those that are not any more.</summary>
    /// <param name="stays">What stays open, if another node found it.</param>
    public async Task MatchAsync(string kind, IReadOnlyList<Gap> there, IReadOnlyList<string>? stays = null)
    {
        var open = await database.ReadAsync(session => WhatAsync(session, kind)).ConfigureAwait(false);
        var over = open.Except(there.Select(gap => gap.What)).Except(stays ?? []).ToList();
        if (there.Count == 0 && over.Count == 0) return;
        await database.WriteAsync(new Deed(session =>
        {
            Add(session, there);
            foreach (var what in over) session.Use(End).Bind(1, database.Now).Bind(2, kind).Bind(3, what).Send();
            return ValueTask.FromResult(there.Count + over.Count);
        })).ConfigureAwait(false);
    }

    /// <summary>Ends gaps of a kind that are over.</summary>
    public async Task EndAsync(string kind, IReadOnlyList<string> over)
    {
        foreach (var batch in over.Chunk(Batch))
        {
            await database.WriteAsync(new Deed(session =>
            {
                foreach (var what in batch) session.Use(End).Bind(1, database.Now).Bind(2, kind).Bind(3, what).Send();
                return ValueTask.FromResult(batch.Length);
            })).ConfigureAwait(false);
        }
    }

    /// <summary>Ends the gaps of jobs that are over, and forgets those that ended long ago.</summary>
    public Task<int> TidyAsync()
    {
        var (now, old) = (database.Now, database.Now - (long)Kept.TotalMilliseconds);
        return database.WriteAsync(new Deed(async session =>
            await session.Use(EndOver).Bind(1, now).ExecuteAsync().ConfigureAwait(false) + await session.Use(Forget).Bind(1, old).Bind(2, (long)Batch).ExecuteAsync().ConfigureAwait(false)));
    }

    /// <summary>Newest first; up to one more than the limit: then there is a further page.</summary>
    /// <param name="kind">Null: of every kind.</param>
    /// <param name="withEnded">Also those that are over.</param>
    public ValueTask<IReadOnlyList<Gap>> ListAsync(string tenant, string? kind, bool withEnded, JobId? before, int limit) => database.ReadAsync<IReadOnlyList<Gap>>(async session =>
    {
        var gaps = new List<Gap>();
        using var select = session.Use(Select).Bind(1, before ?? Last).Bind(2, tenant).Bind(3, kind ?? "").Bind(4, kind is null ? 1L : 0).Bind(5, withEnded ? 1L : 0).Bind(6, limit + 1L);
        while (await select.StepAsync().ConfigureAwait(false))
        {
            gaps.Add(new Gap(select.Text(1)!, select.Text(2)!)
            {
                Id = select.JobId(0),
                Feature = select.Text(3),
                Job = select.IsNull(4) ? null : select.JobId(4),
                Amount = select.Int64(5),
                Found = select.Time(6),
                Seen = select.Time(7),
                Ended = select.TimeOrNull(8),
                Did = select.Text(9)!,
            });
        }
        return gaps;
    });

    private static readonly JobId Last = JobId.FromBytes([.. Enumerable.Repeat((byte)0xFF, 16)]);

    private int Add(Session session, IReadOnlyList<Gap> gaps)
    {
        var now = database.Time.GetUtcNow();
        foreach (var gap in gaps)
        {
            session.Use(Note).Bind(1, JobId.New(now)).Bind(2, gap.Kind).Bind(3, gap.What).Bind(4, gap.Tenant).Bind(5, gap.Feature).Bind(6, gap.Job).Bind(7, gap.Amount)
                .Bind(8, now.ToUnixTimeMilliseconds()).Bind(9, now.ToUnixTimeMilliseconds()).Bind(10, gap.Did is GapDeeds.Waiting ? null : now.ToUnixTimeMilliseconds()).Bind(11, gap.Did).Send();
        }
        return gaps.Count;
    }

    private static async ValueTask<List<string>> WhatAsync(Session session, string kind)
    {
        var open = new List<string>();
        using var read = session.Use(Open).Bind(1, kind);
        while (await read.StepAsync().ConfigureAwait(false)) open.Add(read.Text(0)!);
        return open;
    }

    private sealed class Deed(Func<Session, ValueTask<int>> apply) : Write<int>
    {
        // Several nodes note the same, each in its own order.
        internal override IReadOnlyList<Claim> Claims => [new Claim("gaps", "all", OnEveryNode: true)];

        internal override Writer Writer => Writer.Upkeep;

        protected override ValueTask<int> ApplyAsync(Session session) => apply(session);
    }
}
