using System.Globalization;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Events;
using Headway.AspNetCore.Routing;
using Headway.Features;
using Headway.Jobs;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Headway.AspNetCore.Jobs;

/// <summary>A job's events from the beginning, or from where a reader broke off.</summary>
internal sealed class EventEndpoint(EngineHost host, NodeClock time, IHostApplicationLifetime lifetime)
{
    public void Map(ApiRoutes routes) => routes.Get("/v1/jobs/{id}/events", ReadAsync, Roles.Caller | Roles.Operator);

    private async Task ReadAsync(HttpContext context)
    {
        if (!TryAfter(context.Request, out var after))
        {
            await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.LastEventIdInvalid,
                "Last-Event-ID (or ?lastEventId=) is the `id` of an event of this job, a whole number. Leave it out to read from the beginning."));
            return;
        }

        // Readers of a node that stops are cut, so that they come back to the node that replaces it and resume there.
        using var left = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        if (JobEndpoints.TryId(context, out var id) && await host.Engine.FindAsync(Callers.Of(context), id) is { } job
            && host.Engine.Events(Callers.Of(context), id, after, left.Token) is { } events)
        {
            context.Response.Headers["Headway-Job"] = id.ToString();
            context.Response.Headers["Headway-Mode"] = Words.Of(job.Mode);
            if (job.IsFinished && after is not null) await ShowRestAsync(context, events, left.Token);
            else await ShowAsync(context, events, left.Token);
        }
        else
        {
            await JobEndpoints.WriteUnknownAsync(context);
        }
    }

    // A browser's EventSource that has read to the end comes back for ever, unless it is told 204 (WHATWG HTML, section 9.2.3).
    private async Task ShowRestAsync(HttpContext context, IAsyncEnumerable<JobEvent> events, CancellationToken left)
    {
        await using var source = events.GetAsyncEnumerator(left);
        if (await source.MoveNextAsync()) await ShowAsync(context, RestAsync(source), left);
        else context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async IAsyncEnumerable<JobEvent> RestAsync(IAsyncEnumerator<JobEvent> source)
    {
        do yield return source.Current;
        while (await source.MoveNextAsync());
    }

    private async Task ShowAsync(HttpContext context, IAsyncEnumerable<JobEvent> events, CancellationToken left)
    {
        try
        {
            await EventStream.WriteAsync(context, events, time, left);
        }
        catch (OperationCanceledException) when (left.IsCancellationRequested)
        {
            // The reader left, or the node stops.
        }
    }

    private static bool TryAfter(HttpRequest request, out long? after)
    {
        after = null;
        var given = request.Headers["Last-Event-ID"] is { Count: > 0 } header ? header : request.Query["lastEventId"];
        if (given.Count == 0 || (given.Count == 1 && given[0] is "")) return true;
        if (given is not [{ } text] || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)) return false;
        after = id;
        return true;
    }
}
