using System.Globalization;
using System.Text;
using Headway.Storage.Sqlite;

namespace Headway.Jobs.Storage;

/// <summary>
/// A listing: newest first, keyset pages by id. Only the filters that are given become conditions; values are always bound. Ids fall along
/// the primary key; a subject has its index, troubled states have theirs.
/// </summary>
internal sealed class JobQuery(string select, string tenant, JobFilter filter, byte[]? subject)
{
    private readonly List<Action<SqliteStatement, int>> _values = [];
    private readonly StringBuilder _where = new();

    public List<JobRow> Read(SqliteSession session)
    {
        And("j.tenant = {0}", (statement, at) => statement.Bind(at, tenant));
        if (filter.Feature is { } feature) And("d.feature = {0}", (statement, at) => statement.Bind(at, feature));
        if (subject is not null) And("j.subject = {0}", (statement, at) => statement.Bind(at, subject));
        if (filter.Model is { } model) And("j.model = {0}", (statement, at) => statement.Bind(at, model));
        if (filter.Error is { } error) And("j.error_code = {0}", (statement, at) => statement.Bind(at, error));
        if (filter.Since is { } since) And("j.created >= {0}", (statement, at) => statement.Bind(at, since.ToUnixTimeMilliseconds()));
        if (filter.After is { } after) And("j.id < {0}", (statement, at) => statement.Bind(at, after));
        AndState();
        AndMetadata();
        using var query = session.Prepare(string.Create(CultureInfo.InvariantCulture, $"{select} WHERE {_where} ORDER BY j.id DESC LIMIT {filter.Limit + 1}"));
        for (var i = 0; i < _values.Count; i++) _values[i](query, i + 1);
        var rows = new List<JobRow>();
        while (query.Step()) rows.Add(JobRow.Read(query));
        return rows;
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

    private void AndMetadata()
    {
        if (filter.Query is not { } query) return;
        var cut = query.IndexOf('=', StringComparison.Ordinal);
        And("json_extract(j.searchable, {0}) = {1}", null);
        _values.Add((statement, at) => statement.Bind(at, $"$.\"{(cut < 0 ? query : query[..cut])}\""));
        _values.Add((statement, at) => statement.Bind(at, cut < 0 ? "" : query[(cut + 1)..]));
    }

    private void And(string condition, Action<SqliteStatement, int>? bind)
    {
        if (_where.Length > 0) _where.Append(" AND ");
        _where.Append(CultureInfo.InvariantCulture, $"({string.Format(CultureInfo.InvariantCulture, condition, $"${_values.Count + 1}", $"${_values.Count + 2}")})");
        if (bind is not null) _values.Add(bind);
    }
}
