using System.Globalization;
using System.Text;
using Headway.Features;
using Headway.Storage;

namespace Headway.Audit.Search;

/// <summary>A listing of events: newest first, keyset pages by time. Only the filters that are given become conditions; values are always bound.</summary>
/// <param name="without">The event that tells of this very question.</param>
internal sealed class EventQuery(Auditor auditor, AuditFilter filter, byte[]? subject, JobId without)
{
    private static readonly Sql Select = Sql.At("Audit/Search/SelectEvents");

    private static readonly Sql LookEnd = Sql.At("Audit/Search/LookEnd");

    private readonly List<Action<Statement, int>> _values = [];
    private readonly StringBuilder _where = new();

    // A rare actor may have his last event a hundred million events ago: what no index leads to is looked for in pieces.
    private bool IsScan => subject is null && filter.Job is null && (filter.Actor is not null || filter.Action is not null || filter.Feature is not null);

    // Only where it is asked for: two tenants are two walks of the index, which are sorted.
    private bool WithNobodys => auditor.SeesNobodys && filter.Action == AuditActions.Denied;

    /// <summary>Up to one more than the limit: then there is a further page. And the time before which nothing was looked at, in microseconds; null: everything was.</summary>
    public async ValueTask<(List<FoundEvent> Found, long? LookedTo)> ReadAsync(Session session)
    {
        var end = IsScan ? await EndAsync(session).ConfigureAwait(false) : null;
        return (await FindAsync(session, end).ConfigureAwait(false), end);
    }

    /// <summary>Where a look ends, and how the database comes by it and by what is found: for the test that holds both to their index.</summary>
    internal async ValueTask<(long? End, IReadOnlyList<string> Plans)> ExplainAsync(Session session)
    {
        var end = await EndAsync(session).ConfigureAwait(false);
        var explain = session.Dialect is SqlDialect.Sqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ";
        var look = Bound(session.Prepare(explain + LookEnd.For(session.Dialect)), auditor.Tenant);
        return (end, [await PlanAsync(session, look).ConfigureAwait(false), await PlanAsync(session, Prepare(session, end, explain)).ConfigureAwait(false)]);
    }

    private static async ValueTask<string> PlanAsync(Session session, Statement explained)
    {
        var plan = new StringBuilder();
        using (explained)
        {
            while (await explained.StepAsync().ConfigureAwait(false)) plan.Append(explained.Text(session.Dialect is SqlDialect.Sqlite ? 3 : 0)).Append('\n');
        }
        return plan.ToString();
    }

    private async ValueTask<long?> EndAsync(Session session)
    {
        long? end = null;
        foreach (var tenant in WithNobodys ? [auditor.Tenant, AuditTenants.Nobody] : (string[])[auditor.Tenant])
        {
            using var look = Bound(session.Use(LookEnd), tenant);
            if (await look.StepAsync().ConfigureAwait(false)) end = Math.Max(end ?? 0, look.Int64(0));
        }
        return end;
    }

    private Statement Bound(Statement look, string tenant)
    {
        // Before the first job of a time is behind all of that time: of it nothing is left to look at.
        var after = filter.After is { } last ? last.Job == JobId.FromBytes(new byte[16]) ? last.Id - 1 : last.Id : long.MaxValue;
        var from = Math.Min(after, filter.Until is { } until ? Microseconds(until) - 1 : long.MaxValue);
        return look.Bind(1, tenant).Bind(2, from).Bind(3, filter.Since is { } since ? Microseconds(since) : 0).Bind(4, (long)filter.MostLooked);
    }

    private async ValueTask<List<FoundEvent>> FindAsync(Session session, long? end)
    {
        using var query = Prepare(session, end);
        var found = new List<FoundEvent>();
        while (await query.StepAsync().ConfigureAwait(false))
        {
            found.Add(new FoundEvent(query.Int64(0), query.Text(1)!, query.Text(2)!, query.Text(3)!, query.Text(4), query.IsNull(5) ? null : query.Int32(5), query.JobId(6), query.Blob(7), query.Text(8),
                (DataClass)query.Int64(9), query.Text(10), query.Text(11), query.Text(12), query.Text(13), query.Text(14))
            { HasOwnId = query.Int64(15) == 0 });
        }
        return found;
    }

    private Statement Prepare(Session session, long? end, string explain = "")
    {
        And(WithNobodys ? $"a.tenant IN ({{0}}, '{AuditTenants.Nobody}')" : "a.tenant = {0}", (statement, at) => statement.Bind(at, auditor.Tenant));
        And("a.job <> {0}", (statement, at) => statement.Bind(at, without));
        if (subject is not null) And("a.subject = {0}", (statement, at) => statement.Bind(at, subject));
        if (filter.Job is { } job) And("a.job = {0}", (statement, at) => statement.Bind(at, job));
        if (filter.Actor is { } actor) And("a.actor = {0}", (statement, at) => statement.Bind(at, actor));
        if (filter.Action is { } action) And("a.action = {0}", (statement, at) => statement.Bind(at, action));
        // The definitions of a feature are few, and known before the first event is looked at.
        if (filter.Feature is { } feature) And("a.definition IN (SELECT id FROM definitions WHERE feature = {0})", (statement, at) => statement.Bind(at, feature));
        if (filter.Since is { } since) And("a.id >= {0}", (statement, at) => statement.Bind(at, Microseconds(since)));
        if (filter.Until is { } until) And("a.id < {0}", (statement, at) => statement.Bind(at, Microseconds(until)));
        if (end is { } looked) And("a.id >= {0}", (statement, at) => statement.Bind(at, looked));
        if (filter.After is { } after) AndAfter(after.Id, after.Job);
        var query = session.Prepare(string.Create(CultureInfo.InvariantCulture, $"{explain}{Select.For(session.Dialect)} WHERE {_where} ORDER BY a.id DESC, a.job DESC LIMIT {filter.Limit + 1}"));
        for (var i = 0; i < _values.Count; i++) _values[i](query, i + 1);
        return query;
    }

    private void AndAfter(long id, JobId job)
    {
        And("a.id < {0} OR a.id = {0} AND a.job < {1}", (statement, at) => statement.Bind(at, id));
        _values.Add((statement, at) => statement.Bind(at, job));
        // The index is walked by this; the rest of the condition is not one that it is walked by.
        And("a.id <= {0}", (statement, at) => statement.Bind(at, id));
    }

    private void And(string condition, Action<Statement, int> bind)
    {
        if (_where.Length > 0) _where.Append(" AND ");
        _where.Append(CultureInfo.InvariantCulture, $"({string.Format(CultureInfo.InvariantCulture, condition, $"${_values.Count + 1}", $"${_values.Count + 2}")})");
        _values.Add(bind);
    }

    public static long Microseconds(DateTimeOffset at) => at.ToUnixTimeMilliseconds() * 1_000;
}
