using Headway.Audit;
using Headway.Features;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Delivery.Storage;

/// <summary>Puts one delivery back to the start of its schedule. Null: it is being sent, or there is none.</summary>
/// <param name="told">Of a job; null: it is a test.</param>
internal sealed class ReopenDelivery(DeliveryId id, string tenant, AuditEvent? told, long now) : Write<string?>
{
    private static readonly Sql Reopen = Sql.At("Delivery/Storage/ReopenDelivery");

    internal override IReadOnlyList<Claim> Claims => [new Claim("delivery", id)];

    protected override async ValueTask<string?> ApplyAsync(Session session)
    {
        string endpoint;
        using (var reopened = session.Use(Reopen).Bind(1, now).Bind(2, id.Place).Bind(3, tenant))
        {
            if (!await reopened.StepAsync().ConfigureAwait(false)) return null;
            endpoint = reopened.Text(1)!;
        }
        if (told is not null) AuditTrail.Append(session, told, now);
        return endpoint;
    }
}

/// <summary>Puts what was given up since a moment back to the start of its schedule; how many.</summary>
/// <param name="told">Of a job.</param>
internal sealed class RecoverDeliveries(string endpoint, string tenant, long since, int limit, Func<JobOrigin, AuditEvent> told, long now) : Write<int>
{
    private static readonly Sql Recover = Sql.At("Delivery/Storage/RecoverDeliveries");

    internal override bool FindsItsJobs => true;

    protected override async ValueTask<int> ApplyAsync(Session session)
    {
        var (jobs, count) = (new List<JobOrigin>(), 0);
        using (var recovered = session.Use(Recover).Bind(1, now).Bind(2, tenant).Bind(3, endpoint).Bind(4, since).Bind(5, limit))
        {
            for (; await recovered.StepAsync().ConfigureAwait(false); count++)
            {
                if (!recovered.IsNull(2)) jobs.Add(new JobOrigin(recovered.JobId(0), tenant, recovered.Text(4)!, null, recovered.Int64(2), (DataClass)recovered.Int64(3), recovered.Blob(5)));
            }
        }
        foreach (var job in jobs) AuditTrail.Append(session, told(job), now);
        return count;
    }
}

/// <summary>Somebody says that an endpoint is well: nothing that it did before counts any more.</summary>
internal sealed class EnableEndpoint(string endpoint) : Write<bool>
{
    private static readonly Sql Forget = Sql.At("Delivery/Storage/ForgetTrouble");

    internal override IReadOnlyList<Claim> Claims => [new Claim("endpoint", endpoint)];

    protected override async ValueTask<bool> ApplyAsync(Session session) => await session.Use(Forget).Bind(1, endpoint).ExecuteAsync().ConfigureAwait(false) == 1;
}

/// <summary>A test that its asker sends at once.</summary>
internal sealed class BeginTest(ClaimedDelivery test, string node) : Write<bool>
{
    private static readonly Sql Insert = Sql.At("Delivery/Storage/InsertTest");

    protected override ValueTask<bool> ApplyAsync(Session session)
    {
        session.Use(Insert).Bind(1, test.Id.Place).Bind(2, test.Tenant).Bind(3, test.Endpoint).Bind(4, test.Created).Bind(5, test.Until).Bind(6, node).Send();
        return ValueTask.FromResult(true);
    }
}

/// <summary>Takes away tests that are over; how many.</summary>
internal sealed class PruneTests(long before, int limit) : Write<int>
{
    private static readonly Sql Find = Sql.At("Delivery/Storage/FindTests");
    private static readonly Sql DeleteAttempts = Sql.At("Delivery/Storage/DeleteAttemptsOf");
    private static readonly Sql Delete = Sql.At("Delivery/Storage/DeleteDelivery");

    internal override Writer Writer => Writer.Upkeep;

    protected override async ValueTask<int> ApplyAsync(Session session)
    {
        var old = await FindAsync(session, before, limit).ConfigureAwait(false);
        foreach (var id in old)
        {
            session.Use(DeleteAttempts).Bind(1, id).Send();
            session.Use(Delete).Bind(1, id).Send();
        }
        return old.Count;
    }

    public static async ValueTask<IReadOnlyList<JobId>> FindAsync(Session session, long before, int limit)
    {
        var old = new List<JobId>();
        using var find = session.Use(Find).Bind(1, before).Bind(2, limit);
        while (await find.StepAsync().ConfigureAwait(false)) old.Add(find.JobId(0));
        return old;
    }
}
