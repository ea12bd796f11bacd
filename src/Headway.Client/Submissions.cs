using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Headway.Client;

/// <summary>Sends many lines, as many requests as they need, and reads the verdicts.</summary>
internal sealed class Submissions(Sender http)
{
    // Below what one request may have, so that a request is answered within seconds.
    private const int LinesPerRequest = 5_000;

    public async IAsyncEnumerable<VerdictRecord> SendAsync(string feature, IEnumerable<SubmissionRecord> lines, string? key, [EnumeratorCancellation] CancellationToken stop)
    {
        var sent = 0;
        foreach (var some in lines.Chunk(LinesPerRequest))
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"v1/features/{feature}/jobs") { Content = new LinesContent(some) };
            // Lines are numbered anew in each request, so each has a key of its own.
            if (key is not null) CallHeaders.Add(request.Headers, new CallOptions { IdempotencyKey = sent == 0 ? key : FormattableString.Invariant($"{key}+{sent}") });
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode) throw await HeadwayException.FromAsync(answer, stop).ConfigureAwait(false);
            await foreach (var verdict in VerdictsAsync(answer, some.Length, stop).ConfigureAwait(false)) yield return verdict with { Line = verdict.Line + sent };
            sent += some.Length;
        }
    }

    private static async IAsyncEnumerable<VerdictRecord> VerdictsAsync(HttpResponseMessage answer, int lines, [EnumeratorCancellation] CancellationToken stop)
    {
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(stop).ConfigureAwait(false));
        for (var read = 0; ; read++)
        {
            var verdict = await NextAsync(reader, stop).ConfigureAwait(false)
                ?? throw HeadwayException.Because($"The answer broke off after {read} of {lines} lines. What was answered is accepted; the rest may be, and can be sent again safely only under keys.", (int)answer.StatusCode);
            if (verdict.Status == "end") yield break;
            yield return verdict;
        }
    }

    // Null: it was cut.
    private static async ValueTask<VerdictRecord?> NextAsync(StreamReader reader, CancellationToken stop)
    {
        try
        {
            return await reader.ReadLineAsync(stop).ConfigureAwait(false) is { } line ? JsonSerializer.Deserialize(line, HeadwayJson.Wire.VerdictRecord) : null;
        }
        catch (Exception cut) when (cut is IOException or HttpRequestException or JsonException)
        {
            return null;
        }
    }

    private sealed class LinesContent : HttpContent
    {
        private readonly SubmissionRecord[] _lines;

        public LinesContent(SubmissionRecord[] lines)
        {
            _lines = lines;
            Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            foreach (var line in _lines)
            {
                await stream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(line, HeadwayJson.Wire.SubmissionRecord)).ConfigureAwait(false);
                await stream.WriteAsync("\n"u8.ToArray()).ConfigureAwait(false);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
