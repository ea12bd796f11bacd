using System.Diagnostics.CodeAnalysis;
using Headway.Features;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>Puts what endpoints are to be told of a job's end into the outbox, in the transaction that ends it.</summary>
/// <remarks>Invariant: a job that ends leaves one row for each endpoint that it was accepted with, or none at all if its end is not kept.</remarks>
internal static class Outbox
{
    private static readonly Sql Insert = Sql.At("Jobs/Storage/InsertDelivery");

    // Names have no blanks.
    private const char Between = ' ', Optional = '?';

    /// <summary>The endpoints of a job as its record keeps them: those that its version requires, and one that its caller chose. Null: none.</summary>
    /// <param name="chosen">By the caller; null: none.</param>
    public static string? Of(FeatureVersion version, string? chosen)
    {
        if (!Tells(version.Contract.Mode)) return null;
        var required = version.Delivery.Select(channel => channel.Endpoint).OfType<string>().ToList();
        if (chosen is not null && !required.Contains(chosen)) required.Add(Optional + chosen);
        return required.Count == 0 ? null : string.Join(Between, required);
    }

    /// <summary>Whether ends of jobs in this mode are told to endpoints. Of the others the caller is there, and has the answer.</summary>
    public static bool Tells(Mode mode) => mode is Mode.Async or Mode.Hybrid;

    public static IEnumerable<string> Names(string endpoints) => endpoints.Split(Between).Select(name => name.TrimStart(Optional));

    /// <summary>Of a job's endpoints those for which nothing was put here; null: none.</summary>
    /// <param name="told">Names.</param>
    public static string? Without(string endpoints, IReadOnlyCollection<string> told)
    {
        var rest = endpoints.Split(Between).Where(name => !told.Contains(name.TrimStart(Optional))).ToList();
        return rest.Count == 0 ? null : string.Join(Between, rest);
    }

    /// <summary>What endpoints are told of an end; null: nothing.</summary>
    public static string? EventOf(JobState state) => TryEvent(state, out var word) ? word : null;

    public static void Put(Session session, Addressees to, JobId job, JobState state, long now)
    {
        if (!TryEvent(state, out var word)) return;
        foreach (var name in to.Endpoints.Split(Between))
        {
            session.Use(Insert)
                .Bind(1, JobId.New(DateTimeOffset.FromUnixTimeMilliseconds(now))).Bind(2, to.Tenant).Bind(3, job).Bind(4, name.TrimStart(Optional)).Bind(5, word)
                .Bind(6, name[0] == Optional ? 0 : 1).Bind(7, now)
                .Send();
        }
    }

    private static bool TryEvent(JobState state, [NotNullWhen(true)] out string? word)
    {
        word = state switch { JobState.Succeeded => "job.succeeded", JobState.Dead => "job.dead", JobState.Cancelled => "job.cancelled", _ => null };
        return word is not null;
    }
}

/// <summary>Who is told of a job's end.</summary>
/// <param name="Endpoints">As <see cref="Outbox.Of"/> writes them.</param>
internal sealed record Addressees(string Tenant, string Endpoints);
