using Headway.Audit;
using Headway.Features;

namespace Headway.Handlers.Http;

/// <summary>The work is done by an HTTP service: the input is posted, the answer is the result, as JSON, as a stream of events or as bytes.</summary>
/// <param name="current">The version that a job was accepted with, as the feature file has it now; null: not any more.</param>
internal sealed class HttpHandler(HttpDefinition definition, HttpUpstream upstream, Func<FeatureVersion, FeatureVersion?> current) : Handler
{
    private readonly HttpGroups? _groups = definition.Group is { } group ? new HttpGroups(group, upstream.Time, new HttpGroupCall(definition, upstream).SendAsync) : null;

    public override async Task<Outcome> RunAsync(Attempt attempt, CancellationToken stop)
    {
        if (Refuse(attempt.Feature) is { } refused) return new Outcome.Failed(refused);
        // Files are streamed from where they lie and are no JSON: their calls go as they do without groups.
        if (_groups is not null && attempt.Input.Files.Count == 0) return await _groups.RunAsync(attempt, IsLast(attempt), stop).ConfigureAwait(false);
        return await upstream.CallAsync((client, halt) => CallAsync(client, attempt, halt), attempt.Until, stop).ConfigureAwait(false);
    }

    /// <summary>What a job was accepted with is kept, but not against an agreement that has ended since: the stricter of then and now counts.</summary>
    private Failure? Refuse(FeatureVersion version)
    {
        var data = version.Contract.Data;
        if (!definition.AllowedData.Contains(data)) return HttpFailures.DataNotAllowed(upstream.Place, Words.Of(data));
        var now = current(version)?.Handler switch
        {
            HttpDefinition http => http,
            StepsDefinition steps => steps.Services.FirstOrDefault(service => service.Url == definition.Url && !service.AllowedData.Contains(data)),
            _ => null,
        };
        return now is not null && !now.AllowedData.Contains(data) ? HttpFailures.DataNoLongerAllowed(upstream.Place, Words.Of(data)) : null;
    }

    /// <summary>The last of several attempts goes alone: what breaks a service or makes it hang may be a neighbour, and no job dies of its neighbours.</summary>
    private static bool IsLast(Attempt attempt) => attempt.Number > 1 && attempt.Number >= attempt.Feature.Retry.FewestOfService;

    private async Task<Outcome> CallAsync(HttpMessageInvoker client, Attempt attempt, CancellationToken stop)
    {
        using var request = await HttpRequests.MakeAsync(definition, attempt, stop).ConfigureAwait(false);
        if (HttpRequests.AddDeclared(request, definition, Environment.GetEnvironmentVariable) is { } variable)
            return new Outcome.Failed(HttpFailures.HeaderMissing(upstream.Place, variable));
        // Before the first byte leaves: if this cannot be recorded, the disclosure does not happen.
        await attempt.Disclosures.OpenAsync(new Disclosure(upstream.Place, "http"), stop).ConfigureAwait(false);
        try
        {
            using var response = await client.SendAsync(request, stop).ConfigureAwait(false);
            return await ReadAsync(response, attempt, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception) when (HttpFailures.OfException(upstream.Place, exception) is { } failure)
        {
            return new Outcome.Failed(failure);
        }
    }

    private async Task<Outcome> ReadAsync(HttpResponseMessage response, Attempt attempt, CancellationToken stop)
    {
        if (!response.IsSuccessStatusCode)
        {
            var said = await HttpAnswers.BeginningAsync(response, stop).ConfigureAwait(false);
            return new Outcome.Failed(HttpFailures.OfStatus(upstream.Place, response, said, upstream.Time.GetUtcNow()));
        }
        if (HttpFailures.NotYet(response, upstream.Time.GetUtcNow()) is { } later) return later;
        var isStructured = attempt.Feature.Contract.Output == OutputShape.Structured;
        return response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant() == "text/event-stream"
            ? await HttpEventStream.ReadAsync(upstream.Place, response, attempt, isStructured, stop).ConfigureAwait(false)
            : await HttpAnswers.ReadAsync(upstream.Place, response, isStructured, stop).ConfigureAwait(false);
    }
}
