using Headway.Audit;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>
/// What an attempt disclosed to whom. For personal and phi data of async work the event is durable before the bytes leave; otherwise it is
/// written with the attempt's end. Sync and stream fold it into their closing event.
/// </summary>
internal sealed class Disclosures(Database database, JobOrigin origin, string node, bool ahead) : DisclosureLog
{
    private readonly List<Disclosure> _made = [];

    public int Count
    {
        get
        {
            lock (_made) return _made.Count;
        }
    }

    /// <summary>The recipients of the first so many, for a closing event.</summary>
    public string? Recipients(int count)
    {
        lock (_made) return count == 0 ? null : string.Join(", ", _made.Take(count).Select(disclosure => disclosure.Recipient).Distinct());
    }

    /// <summary>Events that are still to be written, of the disclosures between two counts.</summary>
    public IReadOnlyList<AuditEvent> Events(int from, int to)
    {
        if (ahead) return [];
        lock (_made) return _made.GetRange(from, to - from).ConvertAll(Event);
    }

    public override async ValueTask OpenAsync(Disclosure disclosure, CancellationToken stop)
    {
        if (ahead) await database.WriteAsync(new AppendAudit(Event(disclosure), database.Now)).ConfigureAwait(false);
        lock (_made) _made.Add(disclosure);
    }

    private AuditEvent Event(Disclosure disclosure) =>
        origin.Audit(AuditActions.Disclosed, node: node, recipient: disclosure.Recipient) with { Purpose = disclosure.Provider };
}
