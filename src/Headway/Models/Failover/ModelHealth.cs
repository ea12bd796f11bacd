using System.Globalization;
using Headway.Features;

namespace Headway.Models.Failover;

/// <summary>What is known of a model's health in this process: whether it may be asked now.</summary>
/// <remarks>
/// Two ways to be left out. A model that said when to come back (429 or 503 with Retry-After, or limits that are used up) rests until then. A
/// model that failed <see cref="OpensAfter"/> times in a row is left out for a pause that doubles up to <see cref="LongestPause"/>; at its end
/// one call goes through as a probe. Invariant: one probe begins in each pause, whether the one before has ended or hangs, so a model
/// that has recovered is asked again within <see cref="LongestPause"/>.
/// </remarks>
internal sealed class ModelHealth(TimeProvider time)
{
    public const int OpensAfter = 5;
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);

    /// <summary>With the time of a probe it stays below the 30 s in which a recovered model must be back.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(20);

    /// <summary>A longer rest is looked into in between: providers' clocks and plans change.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private int _failures;
    private TimeSpan _pause = FirstPause;
    private DateTimeOffset _probeAt;
    private DateTimeOffset _restUntil;
    private string? _last;

    public RetryBudget Retries { get; } = new(time);

    public RefusedParameters Refused { get; } = new(time);

    /// <summary>Whether a call would be let through now.</summary>
    public bool IsUp
    {
        get
        {
            lock (_gate)
            {
                var now = time.GetUtcNow();
                return _restUntil <= now && (_failures < OpensAfter || _probeAt <= now);
            }
        }
    }

    /// <summary>Null: it may be asked. Otherwise why not, with the time after which it may.</summary>
    public ModelFault? Refuses(ModelDefinition model)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_restUntil > now) return Resting(model, _restUntil - now);
            if (_failures < OpensAfter) return null;
            if (_probeAt > now) return Open(model, _probeAt - now);
            // This call is the probe; the next one is due a pause later even if nothing is heard of this.
            _pause = Longer(_pause);
            _probeAt = now + _pause;
            return null;
        }
    }

    /// <summary>What became of a call; one that was given up by its caller tells nothing.</summary>
    public void Report(ModelFault? fault, UpstreamLimits? limits)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (fault is null || !IsOfServer(fault)) Close();
            else if (!fault.Hasty) Fail(fault, now);
            if (fault?.Failure.Kind is FailureKind.RateLimited) Rest(now, fault.Failure.RetryAfter ?? FailoverRule.UnsaidPause);
            else if (fault?.Failure is { Kind: FailureKind.Unavailable, RetryAfter: { } asked }) Rest(now, asked);
            if (limits is { RemainingRequests: 0, RequestsReset: { } requests }) Rest(now, requests);
            if (limits is { RemainingTokens: 0, TokensReset: { } tokens }) Rest(now, tokens);
        }
    }

    // A server that answers, however badly, is up; one that refuses the key or is out of credit will do so again.
    private static bool IsOfServer(ModelFault fault) => !fault.OfInput
        && (fault.Failure.Kind is FailureKind.Unavailable or FailureKind.Timeout || fault.Failure.Code is "model-unauthorized" or "model-not-found" or "model-redirected");

    private void Close()
    {
        _failures = 0;
        _pause = FirstPause;
    }

    private void Fail(ModelFault fault, DateTimeOffset now)
    {
        _last = fault.Failure.Code;
        if (_failures < OpensAfter && ++_failures == OpensAfter) _probeAt = now + _pause;
    }

    private void Rest(DateTimeOffset now, TimeSpan pause)
    {
        var until = now + (pause > LongestRest ? LongestRest : pause);
        if (until > _restUntil) _restUntil = until;
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 > LongestPause ? LongestPause : pause * 2;

    private static ModelFault Resting(ModelDefinition model, TimeSpan left) =>
        Faults.Of(model, "model-resting", FailureKind.RateLimited, $"takes no more calls for {Seconds(left)}, as its provider said", left) with { NotAsked = true };

    private ModelFault Open(ModelDefinition model, TimeSpan left) => Faults.Of(model, "model-circuit-open", FailureKind.Unavailable,
        $"is left out for {Seconds(left)} after {OpensAfter} failures in a row, the last being {_last}", left) with
    {
        NotAsked = true,
    };

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s");
}
