using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using Headway.Models.Providers;

namespace Headway.Handlers.Http;

/// <summary>
/// Reads an answer that comes as server-sent events (HTML Living Standard, 9.2). Every data event is a delta; `result` is the final answer as JSON and ends
/// the stream, else the deltas joined are the answer; `progress` is progress; `error`, or a connection that breaks, is a failure. Other events mean nothing here.
/// </summary>
internal static class HttpEventStream
{
    public static async Task<Outcome> ReadAsync(string place, HttpResponseMessage response, Attempt attempt, bool isStructured, CancellationToken stop)
    {
        var whole = new StringBuilder();
        var end = new EventStreamEnd();
        await using var stream = new CappedStream(await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false), ResultSize.Largest, end.Read);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(stop).ConfigureAwait(false))
        {
            switch (item.EventType)
            {
                case "error":
                    return new Outcome.Failed(HttpFailures.Reported(place, item.Data));
                case "result":
                    return Final(place, item.Data);
                case "progress":
                    await ProgressAsync(item.Data, attempt.Output, stop).ConfigureAwait(false);
                    break;
                case SseParser.EventTypeDefault:
                    whole.Append(item.Data);
                    if (attempt.Output.Wanted && item.Data.Length > 0) await attempt.Output.DeltaAsync(item.Data, stop).ConfigureAwait(false);
                    break;
            }
        }
        if (end.IsInsideEvent) return new Outcome.Failed(HttpFailures.Cut(place));
        if (whole.Length == 0) return new Outcome.Failed(HttpFailures.Invalid(place, "sent a stream with nothing in it."));
        return isStructured ? Final(place, whole.ToString()) : new Outcome.Done(new Result(Encoding.UTF8.GetBytes(whole.ToString()), Result.Prose));
    }

    private static Outcome Final(string place, string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        if (HttpAnswers.JsonError(bytes) is { } error) return new Outcome.Failed(HttpFailures.Invalid(place, $"ended its stream with a result that is not JSON ({error})."));
        return new Outcome.Done(new Result(bytes, Result.Json));
    }

    /// <summary>`{"done":3,"total":7,"note":"…"}`; progress that cannot be read is not worth failing for.</summary>
    private static async ValueTask ProgressAsync(string data, Output output, CancellationToken stop)
    {
        HttpProgress? progress;
        try
        {
            progress = JsonSerializer.Deserialize<HttpProgress>(data, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return;
        }
        if (progress is not null) await output.ProgressAsync(progress.Done, progress.Total, progress.Note, stop).ConfigureAwait(false);
    }

    private sealed record HttpProgress(long Done, long? Total, string? Note);
}
