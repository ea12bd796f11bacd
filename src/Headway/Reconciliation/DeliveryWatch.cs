using Headway.Audit;
using Headway.Features;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Reconciliation;

/// <summary>Webhooks that a feature requires and that were given up: queued again once, and then shown to a person. Ends the gaps of what was delivered or read meanwhile.</summary>
/// <remarks>
/// Invariant: a delivery is queued again by this once in its life (`noted`), so it makes at most twice the tries of its schedule before a person sees it, on any number of nodes.
/// What a person replays and is given up again is shown again. An endpoint that the feature file does not have gets no second try: nobody would send it.
/// </remarks>
internal sealed class DeliveryWatch(Database database, GapBook book, Func<FeatureFile> file, Func<string> node)
{
    // Of one look: both walk an index of what is wrong, which is short, and go on from there with the next look.
    private const int Step = 1_000;

    private static readonly Sql Find = Sql.At("Reconciliation/FindGivenUp");
    private static readonly Sql Over = Sql.At("Reconciliation/FindDelivered");
    private static readonly JobId First = JobId.FromBytes(new byte[16]);

    private JobId _after = First;
    private string _tidied = "";

    private sealed record GivenUp(JobId Id, string Endpoint, bool IsNew, bool IsLate, string Feature, JobOrigin Job)
    {
        // As people call a delivery.
        public string Name => $"dlv_{Id.Value:N}";
    }

    public async Task<int> LookAsync()
    {
        var given = await database.ReadAsync(ReadAsync).ConfigureAwait(false);
        _after = given.Count == Step ? given[^1].Id : First;
        var found = 0;
        foreach (var late in given.Where(one => one.IsLate)) found += await (late.IsNew && file().Endpoints.ContainsKey(late.Endpoint) ? SendAsync(late) : ShowAsync(late)).ConfigureAwait(false);
        await EndAsync().ConfigureAwait(false);
        return found;
    }

    private async Task<int> SendAsync(GivenUp late)
    {
        if (!await database.WriteAsync(new SendAgain(late.Id, late.Job, Told(late), database.Now)).ConfigureAwait(false)) return 0;
        await book.NoteAsync([GapOf(late, GapDeeds.Retried)]).ConfigureAwait(false);
        return 1;
    }

    // First the gap: found again after a loss in between, it is the same one.
    private async Task<int> ShowAsync(GivenUp late)
    {
        await book.NoteAsync([GapOf(late, GapDeeds.Waiting)]).ConfigureAwait(false);
        await database.WriteAsync(new ShowGivenUp(late.Id)).ConfigureAwait(false);
        return 1;
    }

    private static Gap GapOf(GivenUp late, string did) => new(GapKinds.Undelivered, late.Name) { Tenant = late.Job.Tenant, Feature = late.Feature, Job = late.Job.Id, Did = did };

    private AuditEvent Told(GivenUp late) => late.Job.Audit(AuditActions.Replayed, node: node(), recipient: late.Endpoint) with { Actor = node(), Purpose = "webhook" };

    private async Task EndAsync()
    {
        var open = await database.ReadAsync(OpenAsync).ConfigureAwait(false);
        _tidied = open.Count == Step ? open[^1].What : "";
        await book.EndAsync(GapKinds.Undelivered, [.. open.Where(gap => gap.IsOver).Select(gap => gap.What)]).ConfigureAwait(false);
    }

    private async ValueTask<List<GivenUp>> ReadAsync(Session session)
    {
        var given = new List<GivenUp>();
        using var find = session.Use(Find).Bind(1, database.Now).Bind(2, _after).Bind(3, (long)Step);
        while (await find.StepAsync().ConfigureAwait(false))
        {
            var job = new JobOrigin(find.JobId(2), find.Text(1)!, find.Text(5)!, null, find.Int64(6), (DataClass)find.Int64(7), find.Blob(8));
            given.Add(new GivenUp(find.JobId(0), find.Text(3)!, find.Int64(4) == 0, find.Int64(10) == 1, find.Text(9)!, job));
        }
        return given;
    }

    private async ValueTask<List<(string What, bool IsOver)>> OpenAsync(Session session)
    {
        var open = new List<(string, bool)>();
        using var read = session.Use(Over).Bind(1, _tidied).Bind(2, (long)Step);
        while (await read.StepAsync().ConfigureAwait(false)) open.Add((read.Text(0)!, read.Int64(1) == 1));
        return open;
    }

    /// <summary>False: another node was first, or a person.</summary>
    private sealed class SendAgain(JobId delivery, JobOrigin job, AuditEvent told, long now) : Write<bool>
    {
        private static readonly Sql Again = Sql.At("Reconciliation/SendAgain");

        internal override IReadOnlyList<Claim> Claims => [Claim.On(job.Id)];

        protected override async ValueTask<bool> ApplyAsync(Session session)
        {
            if (await session.Use(Again).Bind(1, now).Bind(2, delivery).ExecuteAsync().ConfigureAwait(false) == 0) return false;
            AuditTrail.Append(session, told, now);
            return true;
        }
    }

    private sealed class ShowGivenUp(JobId delivery) : Write<bool>
    {
        private static readonly Sql Show = Sql.At("Reconciliation/ShowGivenUp");

        protected override async ValueTask<bool> ApplyAsync(Session session) => await session.Use(Show).Bind(1, delivery).ExecuteAsync().ConfigureAwait(false) == 1;
    }
}
