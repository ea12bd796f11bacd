using System.Globalization;
using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace Headway.Client;

/// <summary>Reads the events of a job to the one called `end`, and comes back by Last-Event-ID where a connection broke.</summary>
internal sealed class EventReader(Sender http, TimeProvider time)
{
    /// <summary>With the pauses between them about 20 s: within the 30 s for which a stream waits for its reader by default.</summary>
    private const int MaxTriesInARow = 7;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(4);

    /// <param name="begun">An answer that is already streaming; null to ask for the events.</param>
    public async IAsyncEnumerable<JobEventRecord> ReadAsync(string job, long? after, HttpResponseMessage? begun, [EnumeratorCancellation] CancellationToken stop)
    {
        var last = after;
        var connection = begun ?? await ConnectAsync(job, last, stop).ConfigureAwait(false);
        for (var failures = 0; ; connection = await ComeBackAsync(job, last, failures, stop).ConfigureAwait(false))
        {
            failures++;
            if (connection is null) continue;
            using (connection)
            {
                // Read to the end before the connection broke: there is nothing more to come (WHATWG HTML, section 9.2.3).
                if (connection.StatusCode == HttpStatusCode.NoContent) yield break;
                var began = time.GetTimestamp();
                var events = SseParser.Create(await connection.Content.ReadAsStreamAsync(stop).ConfigureAwait(false)).EnumerateAsync(stop).GetAsyncEnumerator(stop);
                await using (events.ConfigureAwait(false))
                {
                    while (await MovedAsync(events).ConfigureAwait(false))
                    {
                        var one = ToRecord(events.Current);
                        last = one.Id ?? last;

                        // A snapshot alone is no headway: a server that only ever greets and hangs up is not asked for ever.
                        if (one.Id is not null || time.GetElapsedTime(began) > LongestPause) failures = 0;
                        yield return one;
                        if (one.Kind == "end") yield break;
                    }
                }
            }
        }
    }

    private async Task<HttpResponseMessage> ConnectAsync(string job, long? after, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"v1/jobs/{Uri.EscapeDataString(job)}/events");
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (after is { } id) request.Headers.TryAddWithoutValidation("Last-Event-ID", id.ToString(CultureInfo.InvariantCulture));
        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false);
        if (answer.IsSuccessStatusCode) return answer;
        using (answer) throw await HeadwayException.FromAsync(answer, stop).ConfigureAwait(false);
    }

    /// <summary>Null: not reachable now, to be tried again. A refusal that waiting does not heal is thrown.</summary>
    private async Task<HttpResponseMessage?> ComeBackAsync(string job, long? last, int failures, CancellationToken stop)
    {
        if (failures > MaxTriesInARow)
        {
            var place = last?.ToString(CultureInfo.InvariantCulture) ?? "the beginning";
            throw HeadwayException.Because($"The events of {job} broke off and could not be resumed in {MaxTriesInARow} tries. Ask for the job, or for its events after {place}.");
        }

        await Task.Delay(Pause(failures), time, stop).ConfigureAwait(false);
        try
        {
            return await ConnectAsync(job, last, stop).ConfigureAwait(false);
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (HeadwayException refusal) when (refusal.Status >= 500)
        {
            return null;
        }
    }

    /// <summary>False at the end of the connection, whether it was closed or cut.</summary>
    private static async ValueTask<bool> MovedAsync(IAsyncEnumerator<SseItem<string>> events)
    {
        try
        {
            return await events.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception cut) when (cut is IOException or HttpRequestException)
        {
            return false;
        }
    }

    private static JobEventRecord ToRecord(SseItem<string> item)
        => new(long.TryParse(item.EventId, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null, item.EventType, item.Data);

    private static TimeSpan Pause(int failures) => TimeSpan.FromTicks(Math.Min(FirstPause.Ticks << failures, LongestPause.Ticks));
}
