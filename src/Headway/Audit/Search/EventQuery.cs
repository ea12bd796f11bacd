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

    private readonly List<Action<Statement, int>> _values = [];
    private readonly StringBuilder _where = new();

    /// <summary>Up to one more than the limit: then there is a further page.</summary>
    public async ValueTask<List<FoundEvent>> ReadAsync(Session session)
    {
        using var query = Prepare(session);
        var found = new List<FoundEvent>();
        while (await query.StepAsync().ConfigureAwait(false))
        {
            found.Add(new FoundEvent(query.Int64(0), query.Text(1)!, query.Text(2)!, query.Text(3)!, query.Text(4), query.IsNull(5) ? null : query.Int32(5), query.JobId(6), query.Blob(7), query.Text(8),
                (DataClass)query.Int64(9), query.Text(10), query.Text(11), query.Text(12), query.Text(13), query.Text(14)) { HasOwnId = query.Int64(15) == 0 });
        }
        return found;
    }

    private Statement Prepare(Session session)
    {
        // Only where it is asked for: two tenants are two walks of the index, which are sorted.
        var nobodys = auditor.SeesNobodys && filter.Action == AuditActions.Denied;
        And(nobodys ? $"a.tenant IN ({{0}}, '{AuditTenants.Nobody}')" : "a.tenant = {0}", (statement, at) => statement.Bind(at, auditor.Tenant));
        And("a.job <> {0}", (statement, at) => statement.Bind(at, without));
        if (subject is not null) And("a.subject = {0}", (statement, at) => statement.Bind(at, subject));
        if (filter.Job is { } job) And("a.job = {0}", (statement, at) => statement.Bind(at, job));
        if (filter.Actor is { } actor) And("a.actor = {0}", (statement, at) => statement.Bind(at, actor));
        if (filter.Action is { } action) And("a.action = {0}", (statement, at) => statement.Bind(at, action));
        // The definitions of a feature are few, and known before the first event is looked at.
        if (filter.Feature is { } feature) And("a.definition IN (SELECT id FROM definitions WHERE feature = {0})", (statement, at) => statement.Bind(at, feature));
        if (filter.Since is { } since) And("a.id >= {0}", (statement, at) => statement.Bind(at, Microseconds(since)));
        if (filter.Until is { } until) And("a.id < {0}", (statement, at) => statement.Bind(at, Microseconds(until)));
        if (filter.After is { } after) AndAfter(after.Id, after.Job);
        var query = session.Prepare(string.Create(CultureInfo.InvariantCulture, $"{Select.For(session.Dialect)} WHERE {_where} ORDER BY a.id DESC, a.job DESC LIMIT {filter.Limit + 1}"));
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
