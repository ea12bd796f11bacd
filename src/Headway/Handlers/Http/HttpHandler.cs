using System.Text;
using Headway.Audit;
using Headway.Features;
using Headway.Models.Providers;

namespace Headway.Handlers.Http;

/// <summary>The work is done by an HTTP service: the input is posted, the answer is the result, as JSON, as a stream of events or as bytes.</summary>
internal sealed class HttpHandler(HttpDefinition definition, HttpUpstream upstream) : Handler
{
    /// <summary>So much of an error's body is read for what it says.</summary>
    private const int MostErrorBody = 16 * 1024;

    public override async Task<Outcome> RunAsync(Attempt attempt, CancellationToken stop)
    {
        var data = attempt.Feature.Contract.Data;
        if (!definition.AllowedData.Contains(data)) return new Outcome.Failed(HttpFailures.DataNotAllowed(upstream.Place, Words.Of(data)));
        return await upstream.CallAsync((client, halt) => CallAsync(client, attempt, halt), attempt.Until, stop).ConfigureAwait(false);
    }

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
        catch (Exception exception) when (FailureOf(exception) is { } failure)
        {
            return new Outcome.Failed(failure);
        }
    }

    private async Task<Outcome> ReadAsync(HttpResponseMessage response, Attempt attempt, CancellationToken stop)
    {
        if (!response.IsSuccessStatusCode)
        {
            var said = await BeginningAsync(response, stop).ConfigureAwait(false);
            return new Outcome.Failed(HttpFailures.OfStatus(upstream.Place, response, said, upstream.Time.GetUtcNow()));
        }
        var isStructured = attempt.Feature.Contract.Output == OutputShape.Structured;
        return response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant() == "text/event-stream"
            ? await HttpEventStream.ReadAsync(upstream.Place, response, attempt, isStructured, stop).ConfigureAwait(false)
            : await HttpAnswers.ReadAsync(upstream.Place, response, isStructured, stop).ConfigureAwait(false);
    }

    private static async Task<string> BeginningAsync(HttpResponseMessage response, CancellationToken stop)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        var buffer = new byte[MostErrorBody];
        try
        {
            return Encoding.UTF8.GetString(buffer, 0, await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, stop).ConfigureAwait(false));
        }
        catch (IOException)
        {
            // The status says enough.
            return "";
        }
    }

    private Failure? FailureOf(Exception exception) => exception switch
    {
        CappedStreamException => ResultSize.TooLarge(upstream.Place),
        HttpRequestException request => HttpFailures.Unreachable(upstream.Place, request),
        OperationCanceledException { InnerException: TimeoutException } => HttpFailures.TimedOut(upstream.Place),
        IOException => HttpFailures.Cut(upstream.Place),
        _ => null,
    };
}
