using System.Collections.Concurrent;
using Headway.Access;
using Headway.Audit;
using Headway.Delivery.Storage;
using Headway.Features;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Payloads;
using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Delivery.Sending;

/// <summary>Sends what is due, for each endpoint in a lane of its own, and writes what became of it.</summary>
/// <remarks>
/// Invariant: a delivery is sent only by whoever has claimed it, and only before the claim lapses. What is claimed is marked within that time, or sent again
/// under the same `webhook-id`: twice perhaps, lost never.
/// </remarks>
internal sealed class Deliveries(
    Database database, Vault vault, JobReader jobs, WebhookBody bodies, WebhookPost post, NodeLease lease, Func<FeatureFile> file, Random random, ILogger<Deliveries> logger) : IAsyncDisposable
{
    /// <summary>A claim outlasts the longest try, and the write that marks it.</summary>
    public static readonly TimeSpan ClaimFor = WebhookPost.Timeout * 2;

    // What is under way when the node stops has this long to be answered.
    private static readonly TimeSpan DrainWithin = TimeSpan.FromSeconds(5);

    private static readonly Sql AnyDue = Sql.At("Delivery/Storage/AnyDueDelivery");

    private readonly ConcurrentDictionary<string, Lane> _lanes = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private volatile bool _closing;

    /// <summary>Something was put into the outbox here. Nobody waits.</summary>
    /// <param name="endpoints">As records of jobs keep them.</param>
    public void LookAll(string endpoints)
    {
        foreach (var name in Outbox.Names(endpoints)) Look(name);
    }

    /// <summary>Something may be due for an endpoint. Nobody waits.</summary>
    public void Look(string name)
    {
        if (!_closing) _lanes.GetOrAdd(name, static (endpoint, all) => new Lane(endpoint, all), this).Look();
    }

    /// <summary>Something is being claimed here, or is on its way.</summary>
    public bool IsAtWork => _lanes.Values.Any(lane => lane.IsAtWork);

    /// <summary>Null: the feature file does not register it, so nothing is sent and everything waits for a while.</summary>
    public EndpointDefinition? EndpointOf(string name) => file().ReceiverOf(name);

    /// <summary>What is due for an endpoint and free to be sent, claimed.</summary>
    public async Task<IReadOnlyList<ClaimedDelivery>> ClaimAsync(EndpointDefinition endpoint, int limit)
    {
        var (now, print) = (database.Now, WebhookSignature.Print(endpoint));
        // A look costs no write, and most find nothing.
        if (await OldestAsync(endpoint.Name).ConfigureAwait(false) is not { } oldest || oldest > now || !(await database.ReadAsync(session => EndpointRow.ReadAsync(session, endpoint.Name)).ConfigureAwait(false)).MaySend(print, now)) return [];
        return await database.WriteAsync(new ClaimDeliveries(endpoint.Name, print, lease.Node, limit, now + (long)ClaimFor.TotalMilliseconds, now)).ConfigureAwait(false);
    }

    /// <summary>Gives up what has waited for an endpoint that this node's feature file does not have, for as long as a delivery is tried. Until then it may come back, or another node has it.</summary>
    public async Task GiveUpUnregisteredAsync(string endpoint)
    {
        var (now, before) = (database.Now, database.Now - (long)DeliverySchedule.Whole.TotalMilliseconds);
        if (await OldestAsync(endpoint).ConfigureAwait(false) is not { } oldest || oldest > before) return;
        var given = await database.WriteAsync(new GiveUpUnregistered(endpoint, lease.Node, before, now)).ConfigureAwait(false);
        foreach (var (delivery, job) in given) logger.LogError("{Delivery} of {Job} is given up: {Endpoint} is not in the feature file any more", delivery, job, endpoint);
    }

    /// <summary>Sends what is claimed and marks it.</summary>
    public async Task SendAsync(EndpointDefinition endpoint, ClaimedDelivery claim)
    {
        try
        {
            // The node slept: there is no time for a try, and whoever finds the claim lapsed makes it.
            if (claim.Until - database.Now < (long)WebhookPost.Timeout.TotalMilliseconds) return;
            if (claim.IsAlert)
            {
                await SendAlertAsync(endpoint, claim).ConfigureAwait(false);
                return;
            }
            var told = await bodies.OfJobAsync(claim, endpoint).ConfigureAwait(false);
            if (told is null) await MarkAsync(endpoint, claim, new PostOutcome(Outcomes.Unreadable), null, database.Now).ConfigureAwait(false);
            else await PostAsync(endpoint, claim, told.Body, told).ConfigureAwait(false);
        }
        catch (StorageException error)
        {
            logger.LogWarning("{Delivery} to {Endpoint} is sent again when its claim has lapsed: {Reason}", claim.Id, claim.Endpoint, error.Message);
        }
#pragma warning disable CA1031 // Whatever is wrong with one delivery must not stop the others of its lane.
        catch (Exception error)
#pragma warning restore CA1031
        {
            logger.LogError(error, "{Delivery} to {Endpoint} could not be sent", claim.Id, claim.Endpoint);
            await GiveUpAsync(endpoint, claim).ConfigureAwait(false);
        }
    }

    // What is said of an alert was written with it. It holds nothing of any job, so the audit trail is told nothing.
    private async Task SendAlertAsync(EndpointDefinition endpoint, ClaimedDelivery claim)
    {
        var said = await database.ReadAsync(session => AlertOutbox.ReadAsync(session, claim.Id)).ConfigureAwait(false);
        if (said is null) await MarkAsync(endpoint, claim, new PostOutcome(Outcomes.Unreadable), null, database.Now).ConfigureAwait(false);
        else await PostAsync(endpoint, claim, WebhookBody.OfAlert(claim, said), null).ConfigureAwait(false);
    }

    /// <summary>Sends a test and tells what became of it, whatever is known of the endpoint.</summary>
    public async Task<DeliveryRecord> TestAsync(Caller caller, EndpointDefinition endpoint)
    {
        var at = database.Time.GetUtcNow();
        var now = at.ToUnixTimeMilliseconds();
        var test = new ClaimedDelivery(DeliveryId.New(at), caller.Tenant, null, endpoint.Name, ClaimedDelivery.Test, now, 1, DeliverySchedule.Tries, now + (long)ClaimFor.TotalMilliseconds);
        await database.WriteAsync(new BeginTest(test, lease.Node)).ConfigureAwait(false);
        await PostAsync(endpoint, test, WebhookBody.OfTest(test), null).ConfigureAwait(false);
        return (await database.ReadAsync(session => DeliveryReader.FindAsync(session, caller.Tenant, test.Id)).ConfigureAwait(false))!;
    }

    /// <summary>When the first of an endpoint's deliveries is due; null: none waits.</summary>
    private ValueTask<long?> OldestAsync(string endpoint) => database.ReadAsync(async session =>
    {
        using var due = session.Use(AnyDue).Bind(1, endpoint);
        return await due.StepAsync().ConfigureAwait(false) ? due.Int64(0) : (long?)null;
    });

    private async Task PostAsync(EndpointDefinition endpoint, ClaimedDelivery claim, byte[] body, Told? told)
    {
        var started = database.Now;
        var outcome = await post.SendAsync(endpoint, claim.Id, body, _stop.Token).ConfigureAwait(false);
        if (outcome.Outcome is not Outcomes.Delivered) logger.LogInformation("{Delivery} to {Endpoint}: {Outcome} {Status} {Why}", claim.Id, claim.Endpoint, outcome.Outcome, outcome.Status, outcome.Why);
        await MarkAsync(endpoint, claim, outcome, told, started).ConfigureAwait(false);
    }

    private async Task MarkAsync(EndpointDefinition endpoint, ClaimedDelivery claim, PostOutcome outcome, Told? told, long started)
    {
        var now = database.Now;
        var tried = Judge(claim, outcome, started, now) with { Disables = outcome.Outcome is Outcomes.Gone ? WebhookSignature.Print(endpoint) : null };
        var mine = await database.WriteAsync(new MarkDelivery(claim, tried, told is null || !outcome.Left ? null : Tell(claim, outcome, told))).ConfigureAwait(false);
        if (!mine) logger.LogWarning("{Delivery} to {Endpoint} was {Outcome}, but its claim had lapsed: it is sent again", claim.Id, claim.Endpoint, outcome.Outcome);
        else if (tried.Disables is not null) logger.LogError("{Endpoint} answered 410 and is disabled: headway endpoints enable {Endpoint}, or another address or secret, brings it back", claim.Endpoint, claim.Endpoint);
        else if (!tried.IsDelivered && tried.Due is null && claim.IsAlert) logger.LogError("{Delivery} to {Endpoint} is given up after {Tries} tries: nobody was told of {Event} there", claim.Id, claim.Endpoint, claim.Tries, claim.Event);
        else if (!tried.IsDelivered && tried.Due is null) logger.LogError("{Delivery} to {Endpoint} is given up after {Tries} tries: headway deliveries replay {Delivery}", claim.Id, claim.Endpoint, claim.Tries, claim.Id);
    }

    private TryRecord Judge(ClaimedDelivery claim, PostOutcome outcome, long started, long now)
    {
        // The stop of a node is no try of the receiver's.
        var interrupted = outcome.Outcome is Outcomes.Interrupted && !claim.IsTest;
        var pause = outcome.Outcome is Outcomes.Delivered or Outcomes.Unreadable ? null : interrupted ? TimeSpan.Zero : DeliverySchedule.After(claim.Tries, outcome.RetryAfter, random.NextDouble());
        var hold = outcome.RetryAfter > Breaker.LongestHold ? Breaker.LongestHold : outcome.RetryAfter;
        return new TryRecord
        {
            Started = started,
            Ended = now,
            Node = lease.Node,
            Outcome = outcome.Outcome,
            Status = outcome.Status,
            Tries = interrupted ? claim.Tries - 1 : claim.Tries,
            Due = now + (long?)pause?.TotalMilliseconds,
            CountsAgainst = outcome.CountsAgainst,
            Answers = outcome is { Outcome: Outcomes.Refused, RetryAfter: null },
            HoldUntil = now + (long?)hold?.TotalMilliseconds,
        };
    }

    /// <summary>An answer is a delivery. Without one, what left this machine may have been read all the same, and is told as disclosed.</summary>
    private AuditEvent Tell(ClaimedDelivery claim, PostOutcome outcome, Told told) =>
        told.Row.Audit(new Caller(told.Row.Tenant, told.Row.Actor, null), outcome.Outcome is Outcomes.Delivered ? AuditActions.Delivered : AuditActions.Disclosed, told.Data, lease.Node) with
        {
            Purpose = "webhook",
            Recipient = claim.Endpoint,
            Outcome = outcome.Outcome is Outcomes.Delivered ? claim.Event["job.".Length..] : outcome.Outcome,
            Payload = told.Handed is { } result ? vault.Mac(told.Row.Tenant, "delivered payload", result.Body.Span) : null,
        };

    /// <summary>The event for what a lost node sent, perhaps. Null: the job is gone.</summary>
    public AuditEvent? TellLost(ClaimedDelivery claim) => claim.Job is { } id && jobs.Row(claim.Tenant, id) is { } row
        ? Tell(claim, new PostOutcome(Outcomes.Lost), new Told([], row, jobs.DataOf(row), null))
        : null;

    // Something here is wrong with it, which the next try may meet as well: it goes along the schedule, and ends.
    private async Task GiveUpAsync(EndpointDefinition endpoint, ClaimedDelivery claim)
    {
        try
        {
            var tried = Judge(claim, new PostOutcome(Outcomes.ConnectFailed), database.Now, database.Now) with { Outcome = Outcomes.Unreadable };
            await database.WriteAsync(new MarkDelivery(claim, tried, null)).ConfigureAwait(false);
        }
        catch (StorageException error)
        {
            logger.LogWarning("{Delivery} to {Endpoint} is tried again when its claim has lapsed: {Reason}", claim.Id, endpoint.Name, error.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _closing = true;
        var idle = Task.WhenAll(_lanes.Values.Select(lane => lane.CloseAsync()));
        _stop.CancelAfter(DrainWithin);
        await idle.ConfigureAwait(false);
        _stop.Dispose();
    }
}
