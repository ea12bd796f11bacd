using System.Globalization;
using System.Text;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>
/// A listing: newest first, keyset pages by id. Only the filters that are given become conditions; values are always bound. Ids fall along
/// the primary key; a subject has its index, troubled states have theirs.
/// </summary>
internal sealed class JobQuery(string select, string tenant, JobFilter filter, byte[]? subject)
{
    private readonly List<Action<Statement, int>> _values = [];
    private readonly StringBuilder _where = new();

    public async ValueTask<List<JobRow>> ReadAsync(Session session)
    {
        using var query = Prepare(session, string.Create(CultureInfo.InvariantCulture, $"ORDER BY j.id DESC LIMIT {filter.Limit + 1}"));
        var rows = new List<JobRow>();
        while (await query.StepAsync().ConfigureAwait(false)) rows.Add(JobRow.Read(query));
        return rows;
    }

    /// <summary>What matches, by what went wrong where; the largest group first.</summary>
    public async ValueTask<List<DeadGroup>> ReadGroupsAsync(Session session)
    {
        using var query = Prepare(session, string.Create(CultureInfo.InvariantCulture,
            $"GROUP BY d.feature, d.version, j.error_code, j.error_kind, coalesce(j.fingerprint, '') ORDER BY count(*) DESC, d.feature, d.version, j.error_code, 5 LIMIT {filter.Limit + 1}"));
        var groups = new List<DeadGroup>();
        while (await query.StepAsync().ConfigureAwait(false))
        {
            groups.Add(new DeadGroup(query.Text(0)!, query.Int32(1), query.Text(2) ?? "", (FailureKind)query.Int64(3), query.Text(4)!,
                query.Int64(5), query.Time(6), query.Time(7), query.JobId(8)));
        }
        return groups;
    }

    private Statement Prepare(Session session, string rest)
    {
        And("j.tenant = {0}", (statement, at) => statement.Bind(at, tenant));
        if (filter.Feature is { } feature) And("d.feature = {0}", (statement, at) => statement.Bind(at, feature));
        if (filter.Features is { } features) AndOneOf(features);
        if (subject is not null) And("j.subject = {0}", (statement, at) => statement.Bind(at, subject));
        if (filter.Model is { } model) And("j.model = {0}", (statement, at) => statement.Bind(at, model));
        if (filter.Error is { } error) And("j.error_code = {0}", (statement, at) => statement.Bind(at, error));
        if (filter.Since is { } since) And("j.created >= {0}", (statement, at) => statement.Bind(at, since.ToUnixTimeMilliseconds()));
        if (filter.Version is { } version) And("d.version = {0}", (statement, at) => statement.Bind(at, version));
        if (filter.Fingerprint is { } fingerprint) And("j.fingerprint = {0}", (statement, at) => statement.Bind(at, fingerprint));
        if (filter.EndedBy is { } ended) And("j.finished <= {0}", (statement, at) => statement.Bind(at, ended.ToUnixTimeMilliseconds()));
        if (filter.From is { } from) And("j.id >= {0}", (statement, at) => statement.Bind(at, from));
        if (filter.After is { } after) And("j.id < {0}", (statement, at) => statement.Bind(at, after));
        AndState();
        AndMetadata(session.Dialect);
        var query = session.Prepare($"{select} WHERE {_where} {rest}");
        for (var i = 0; i < _values.Count; i++) _values[i](query, i + 1);
        return query;
    }

    private void AndState()
    {
        if (filter.State is not { } state) return;
        // Under way: the queue row says how. The state is written as a literal so that the partial indexes apply.
        var number = ((int)state).ToString(CultureInfo.InvariantCulture);
        And(state switch
        {
            JobState.Succeeded => $"j.state = {number}",
            // In the words of jobs_troubled, or the planner does not see that it applies.
            > JobState.Succeeded => $"j.state > 5 AND j.state = {number}",
            _ => $"j.state = 0 AND q.state = {number} AND j.id IN (SELECT job FROM queue WHERE state = {number})",
        }, null);
    }

    private void AndOneOf(IReadOnlyCollection<string> features)
    {
        var from = _values.Count + 1;
        foreach (var feature in features) _values.Add((statement, at) => statement.Bind(at, feature));
        And($"d.feature IN ({string.Join(", ", Enumerable.Range(from, features.Count).Select(number => string.Create(CultureInfo.InvariantCulture, $"${number}")))})", null);
    }

    private void AndMetadata(SqlDialect dialect)
    {
        if (filter.Query is not { } query) return;
        var cut = query.IndexOf('=', StringComparison.Ordinal);
        var name = cut < 0 ? query : query[..cut];
        And(dialect is SqlDialect.Sqlite ? "json_extract(j.searchable, {0}) = {1}" : "j.searchable::jsonb ->> {0} = {1}", null);
        _values.Add((statement, at) => statement.Bind(at, dialect is SqlDialect.Sqlite ? $"$.\"{name}\"" : name));
        _values.Add((statement, at) => statement.Bind(at, cut < 0 ? "" : query[(cut + 1)..]));
    }

    private void And(string condition, Action<Statement, int>? bind)
    {
        if (_where.Length > 0) _where.Append(" AND ");
        _where.Append(CultureInfo.InvariantCulture, $"({string.Format(CultureInfo.InvariantCulture, condition, $"${_values.Count + 1}", $"${_values.Count + 2}")})");
        if (bind is not null) _values.Add(bind);
    }
}
