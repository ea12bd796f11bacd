using System.Collections.Concurrent;
using System.Text;
using Polly;
using Polly.CircuitBreaker;

namespace Headway.Handlers.Http;

/// <summary>The services behind HTTP handlers, by URL: connections and breaker outlive a reload of the feature file.</summary>
internal sealed class HttpUpstreams(TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<Uri, Lazy<HttpUpstream>> _upstreams = new();

    public HttpUpstream For(Uri url) => _upstreams.GetOrAdd(url, static (at, clock) => new Lazy<HttpUpstream>(() => new HttpUpstream(at, clock)), time).Value;

    public void Dispose()
    {
        foreach (var upstream in _upstreams.Values)
            if (upstream.IsValueCreated) upstream.Value.Dispose();
    }
}

/// <summary>One service: its connections, and a circuit breaker that stops calling it while most calls fail.</summary>
internal sealed class HttpUpstream : IDisposable
{
    /// <summary>Half of the calls failing is a service that is down, not an unlucky caller.</summary>
    public const double FailureShare = 0.5;

    /// <summary>Fewer calls in a window prove nothing.</summary>
    public const int FewestCalls = 10;
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    /// <summary>Long enough for a restart, short enough that a retry with backoff meets it open at most once or twice.</summary>
    public static readonly TimeSpan Break = TimeSpan.FromSeconds(15);

    /// <summary>A machine that does not answer a connection in this time is not there.</summary>
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(5);

    /// <summary>A moved address is noticed after this.</summary>
    private static readonly TimeSpan ConnectionLife = TimeSpan.FromMinutes(5);

    private static readonly ResiliencePropertyKey<DateTimeOffset> UntilKey = new("headway.until");

    private readonly HttpMessageInvoker _client;
    private readonly ResiliencePipeline<Outcome> _breaker;
    private readonly CircuitBreakerStateProvider _state = new();

    public HttpUpstream(Uri url, TimeProvider time)
    {
        Url = url;
        Time = time;
        Place = url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = !url.IsLoopback,
            ConnectTimeout = ConnectWithin,
            PooledConnectionLifetime = ConnectionLife,
            RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        });
        _breaker = new ResiliencePipelineBuilder<Outcome> { TimeProvider = time }.AddCircuitBreaker(new CircuitBreakerStrategyOptions<Outcome>
        {
            FailureRatio = FailureShare,
            MinimumThroughput = FewestCalls,
            SamplingDuration = Window,
            BreakDuration = Break,
            StateProvider = _state,
            ShouldHandle = call => ValueTask.FromResult(CountsAgainst(call.Outcome, call.Context)),
        }).Build();
    }

    public Uri Url { get; }

    /// <summary>The URL without user, query and fragment, which may hold secrets.</summary>
    public string Place { get; }

    public TimeProvider Time { get; }

    /// <summary>Makes the call unless the circuit is open.</summary>
    /// <param name="until">When the attempt times out: a call that is cancelled then counts as failed, one that is cancelled earlier does not.</param>
    public async Task<Outcome> CallAsync(Func<HttpMessageInvoker, CancellationToken, Task<Outcome>> call, DateTimeOffset until, CancellationToken stop)
    {
        var context = ResilienceContextPool.Shared.Get(stop);
        context.Properties.Set(UntilKey, until);
        try
        {
            return await _breaker.ExecuteAsync(
                static async (context, state) => await state.call(state._client, context.CancellationToken).ConfigureAwait(false), context, (call, _client)).ConfigureAwait(false);
        }
        catch (BrokenCircuitException open)
        {
            return new Outcome.Failed(HttpFailures.CircuitOpen(Place, open.RetryAfter ?? Break));
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Whether a service that ends like this may be down.</summary>
    public static bool CountsAgainst(Outcome outcome) => outcome is Outcome.Failed { Failure.Kind: FailureKind.Unavailable or FailureKind.Timeout or FailureKind.InvalidOutput };

    private bool CountsAgainst(Outcome<Outcome> ended, ResilienceContext context) => ended switch
    {
        // A probe that was given up proves nothing: the circuit must not close on it.
        { Exception: OperationCanceledException } =>
            _state.CircuitState == CircuitState.HalfOpen || Time.GetUtcNow() >= context.Properties.GetValue(UntilKey, DateTimeOffset.MaxValue),
        { Result: { } result } => CountsAgainst(result),
        // Any other exception is ours, not the service's: its failures come as outcomes.
        _ => false,
    };
}
