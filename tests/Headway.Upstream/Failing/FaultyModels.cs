using Microsoft.AspNetCore.Http;

namespace Headway.Upstream.Failing;

/// <summary>Models on one loopback port, each with an address of its own, that fail as planned and keep the bill.</summary>
public sealed class FaultyModels : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dialect _dialect;
    private readonly Func<DateTimeOffset> _now;
    private readonly Dictionary<string, Plan> _plans = [];
    private readonly List<PlayedCall> _calls = [];
    private readonly List<Gate> _parked = [];
    private ModelUpstream _upstream = null!;

    private FaultyModels(Dialect dialect, Func<DateTimeOffset> now) => (_dialect, _now) = (dialect, now);

    /// <summary>Every call that arrived, in order.</summary>
    public IReadOnlyList<PlayedCall> Calls
    {
        get
        {
            lock (_gate) return [.. _calls];
        }
    }

    /// <summary>Calls that are kept waiting now.</summary>
    public IReadOnlyList<Gate> Parked
    {
        get
        {
            lock (_gate) return [.. _parked];
        }
    }

    /// <param name="now">The clock of those who ask, for dates.</param>
    public static async Task<FaultyModels> StartAsync(Dialect dialect, Func<DateTimeOffset> now)
    {
        var models = new FaultyModels(dialect, now);
        models._upstream = await ModelUpstream.StartAsync(models.AnswerAsync).ConfigureAwait(false);
        return models;
    }

    /// <summary>What the feature file names as the model's baseUrl.</summary>
    public Uri AddressOf(string model) => new(_upstream.BaseUrl, $"/{model}/v1");

    /// <summary>The model answers its calls by these, one after the other; the last one answers all further calls.</summary>
    public void Let(string model, params Fault[] faults) => Let(model, streams: true, faults);

    /// <param name="streams">False: it answers in one piece, although it was asked for a stream.</param>
    public void Let(string model, bool streams, params Fault[] faults)
    {
        lock (_gate) _plans[model] = new Plan(faults, streams);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _upstream.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var model = context.Request.Path.Value!.Split('/')[1];
        var body = ((UpstreamCall)context.Items[typeof(UpstreamCall)]!).Body;
        PlayedCall call;
        Plan plan;
        lock (_gate)
        {
            plan = _plans.TryGetValue(model, out var found) ? found : _plans[model] = new Plan([FaultList.Right], true);
            call = new PlayedCall(model, plan.Next(), body);
            _calls.Add(call);
        }
        var play = new Play(context, _dialect, new Reply(model), call, plan.Streams, _now, ParkAsync);
        try
        {
            await call.Fault.Play(play).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller left.
        }
    }

    private async Task ParkAsync(Gate gate, CancellationToken left)
    {
        lock (_gate) _parked.Add(gate);
        try
        {
            await gate.Opened.WaitAsync(left).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate) _parked.Remove(gate);
        }
    }

    private sealed class Plan(Fault[] faults, bool streams)
    {
        private int _played;

        public bool Streams => streams;

        public Fault Next() => faults[Math.Min(_played++, faults.Length - 1)];
    }
}
