using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Headway.Features;

namespace Headway.Delivery.Sending;

/// <summary>Posts one webhook and tells what became of it. Nothing of the answer but its status and `Retry-After` is looked at.</summary>
internal sealed class WebhookPost(GuardedConnections connections, TimeProvider time)
{
    /// <summary>From looking up the name to the head of the answer.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private static readonly string Sender = $"Headway/{typeof(WebhookPost).Assembly.GetName().Version?.ToString(2) ?? "0"}";

    public async Task<PostOutcome> SendAsync(EndpointDefinition endpoint, DeliveryId id, byte[] body, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(Timeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        var content = new Body(body);
        using var request = RequestFor(endpoint, id, content, body);
        try
        {
            using var answer = await connections.For(endpoint.AllowPrivate).SendAsync(request, ended.Token).ConfigureAwait(false);
            return Judge(answer) with { Left = true };
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return late.IsCancellationRequested ? new PostOutcome(Outcomes.Timeout) { Left = content.Left, CountsAgainst = true } : new PostOutcome(Outcomes.Interrupted) { Left = content.Left };
        }
        catch (HttpRequestException error) when (error.InnerException is AddressRefusedException refused)
        {
            return new PostOutcome(Outcomes.AddressRefused) { CountsAgainst = true, Why = refused.Message };
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return new PostOutcome(content.Left ? Outcomes.Broken : Outcomes.ConnectFailed) { Left = content.Left, CountsAgainst = true, Why = error.Message };
        }
    }

    private HttpRequestMessage RequestFor(EndpointDefinition endpoint, DeliveryId id, Body content, byte[] body)
    {
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds();
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint.Webhook) { Content = content };
        request.Headers.UserAgent.ParseAdd(Sender);
        request.Headers.Add("webhook-id", id.ToString());
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        if (WebhookSignature.Of(endpoint.Secrets, id.ToString(), timestamp, body) is { } signature) request.Headers.Add("webhook-signature", signature);
        return request;
    }

    private PostOutcome Judge(HttpResponseMessage answer)
    {
        var status = (int)answer.StatusCode;
        var outcome = new PostOutcome(status switch
        {
            >= 200 and < 300 => Outcomes.Delivered,
            >= 300 and < 400 => Outcomes.Redirect,
            410 => Outcomes.Gone,
            429 => Outcomes.RateLimited,
            408 or >= 500 => Outcomes.ServerError,
            _ => Outcomes.Refused,
        })
        { Status = status, RetryAfter = status is 429 or 503 ? RetryAfterOf(answer.Headers.RetryAfter) : null };
        // Who asks for a pause is not down, and one delivery that is not wanted says nothing of the next.
        return outcome with { CountsAgainst = outcome.Outcome is Outcomes.ServerError or Outcomes.Redirect && outcome.RetryAfter is null };
    }

    private TimeSpan? RetryAfterOf(RetryConditionHeaderValue? asked)
    {
        var pause = asked?.Delta ?? asked?.Date - time.GetUtcNow();
        return pause > TimeSpan.Zero ? pause : null;
    }

    /// <summary>Knows whether it was sent: what did not leave was not disclosed.</summary>
    private sealed class Body : HttpContent
    {
        private readonly byte[] _bytes;

        public Body(byte[] bytes)
        {
            _bytes = bytes;
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        public bool Left { get; private set; }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            Left = true;
            await stream.WriteAsync(_bytes, cancellationToken).ConfigureAwait(false);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _bytes.Length;
            return true;
        }
    }
}

/// <summary>What became of one post.</summary>
/// <param name="Outcome">A word of <see cref="Outcomes"/>.</param>
internal sealed record PostOutcome(string Outcome)
{
    public int? Status { get; init; }

    /// <summary>The body left this machine, whatever became of it.</summary>
    public bool Left { get; init; }
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A sign that the receiver is down.</summary>
    public bool CountsAgainst { get; init; }

    /// <summary>For the log; null: the outcome says it all.</summary>
    public string? Why { get; init; }
}
