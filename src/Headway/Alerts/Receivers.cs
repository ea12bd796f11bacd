using Headway.Delivery.Storage;
using Headway.Storage;

namespace Headway.Alerts;

/// <summary>Whom this node's feature file tells, and how much at once.</summary>
/// <remarks>
/// Invariant: a receiver gets at most <see cref="MostPerMinute"/> posts about alerts a minute, from all nodes together. What would be more comes as one digest, or
/// waits; as states are told and not changes, what waits is not piled up.
/// </remarks>
/// <param name="names">Of endpoints.</param>
internal sealed class Receivers(IReadOnlyList<string> names, Uri? publicUrl)
{
    /// <summary>A person reads no more, and services that page people refuse more for good: what is lost there is not told at all.</summary>
    public const int MostPerMinute = 10;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public IReadOnlyList<string> Names => names;

    /// <summary>Whom an alert is told. Not the endpoint that it is about: what fails there would be one more failure, and nobody would read it.</summary>
    public IEnumerable<string> Of(Alert alert) => AlertWords.EndpointOf(alert) is { } endpoint ? names.Where(name => name != endpoint) : names;

    /// <summary>Whether somebody is to be told of it now.</summary>
    public bool Wants(Alert alert, long now) => AlertRule.Tells(alert, now) is not null && Of(alert).Any();

    /// <summary>Puts into the outbox what there is room for; gives those that are told by it, as they are then.</summary>
    /// <param name="wanted">Of which somebody is to be told.</param>
    public async ValueTask<IReadOnlyList<Alert>> TellAsync(Session session, IReadOnlyList<Alert> wanted, DateTimeOffset at)
    {
        if (wanted.Count == 0) return [];
        var now = at.ToUnixTimeMilliseconds();
        var told = await session.EachAsync(names, name => AlertOutbox.CountAsync(session, name, now - (long)Minute.TotalMilliseconds)).ConfigureAwait(false);
        var room = MostPerMinute - told.Max();
        if (room <= 0) return [];
        if (wanted.Count <= room)
        {
            foreach (var alert in wanted) Put(session, Of(alert), alert.Id.Place, AlertRule.Tells(alert, now)!, AlertBody.Of(alert, publicUrl), at);
        }
        else
        {
            foreach (var name in names)
            {
                var its = wanted.Where(alert => Of(alert).Contains(name)).ToList();
                if (its.Count > 0) Put(session, [name], null, AlertEvents.Digest, AlertBody.OfMany(its, publicUrl), at);
            }
        }
        return [.. wanted.Select(alert => AlertRule.AsTold(alert, now))];
    }

    private static void Put(Session session, IEnumerable<string> to, JobId? alert, string what, string said, DateTimeOffset at)
    {
        foreach (var name in to) AlertOutbox.Put(session, name, what, alert, said, at);
    }
}
