using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Headway.Access;
using Headway.Budgets;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Models.Providers;
using Headway.Tests.Jobs;
using Headway.Tests.Storage;
using Headway.Upstream.Failing;

namespace Headway.Tests.Models.Failing;

/// <summary>A whole node whose models fail as planned, and a clock that moves only when nothing but time can help.</summary>
/// <remarks>
/// The clock: every call that is under way holds a timer of <see cref="Total"/>. While more calls are under way than the upstream keeps waiting, bytes are
/// on their way and the clock stands. When all of them are kept, and have come to the limit that they wait for, it moves to that limit. When none is
/// under way it moves to the end of a pause of the chain, known by its length: all other timers have one of whole seconds, or are named here.
/// </remarks>
internal sealed class Bench : IAsyncDisposable
{
    public static readonly TimeSpan FirstToken = TimeSpan.FromMilliseconds(4_007), Idle = TimeSpan.FromMilliseconds(3_003), Total = TimeSpan.FromMilliseconds(20_011), Attempt = TimeSpan.FromMilliseconds(30_019);
    private static readonly TimeSpan Connect = TimeSpan.FromMilliseconds(2_001), Beat = TimeSpan.FromMilliseconds(100);

    private readonly HashSet<Gate> _passed = [];
    private HashSet<TimeSpan> _others = [];
    private DateTimeOffset _began;

    private Bench(FaultyModels models, Node node, ManualTime time) => (Models, Node, Time) = (models, node, time);

    public FaultyModels Models { get; }
    public Node Node { get; }
    public ManualTime Time { get; }

    /// <param name="dialect">What the models speak.</param>
    /// <param name="features">Lines of the feature file, below `features:`.</param>
    /// <param name="nowhere">Models whose server is not there.</param>
    public static async Task<Bench> StartAsync(Dialect dialect, IEnumerable<string> models, IEnumerable<string> features, IReadOnlyList<string>? nowhere = null)
    {
        var time = new ManualTime();
        var upstream = await FaultyModels.StartAsync(dialect, time.GetUtcNow);
        var file = $"""
            models:
            {string.Join('\n', models.Select(model => $$"""  {{model}}: { provider: {{dialect.Provider}}, baseUrl: "{{(nowhere?.Contains(model) is true ? "http://127.0.0.1:9/v1" : upstream.AddressOf(model).ToString())}}", apiKey: key, model: {{model}}, price: { input: 1, output: 2 }, timeouts: { connect: 2001ms, firstToken: 4007ms, idle: 3003ms, total: 20011ms } }"""))}
            features:
            {string.Join('\n', features.Select(feature => "  " + feature))}
            """;
        var node = await Node.StartAsync(file, _ => { }, time, TimeSpan.FromHours(10), new Dictionary<string, string> { ["ask.hbs"] = "Answer: {{n}}" });
        var bench = new Bench(upstream, node, time);
        (bench._others, bench._began) = ([.. time.Waits.Select(wait => wait.For)], time.GetUtcNow());
        return bench;
    }

    /// <summary>Calls a feature and moves the clock until its caller knows how it ended.</summary>
    public async Task<Seen> CallAsync(string feature)
    {
        var began = Time.GetUtcNow();
        var asked = Node.CallAsync(feature, """{"n":"the wound"}""");
        // A stream or a job is answered at once; a clock that moved before its reader is there could leave it without one.
        if (Node.Engine.Features.Features[feature].Latest.Contract.Mode is not Headway.Features.Mode.Sync) await asked;
        var seeing = SeeAsync(asked);
        await MoveUntilAsync(seeing);
        var seen = await seeing;
        return seen with { Took = Time.GetUtcNow() - began };
    }

    // By the clock on the wall, and only to tell a pause from a beat: no result depends on it.
    private static readonly TimeSpan Standstill = TimeSpan.FromSeconds(2), Step = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestWholePause = TimeSpan.FromSeconds(8);

    /// <summary>Moves the clock until the given has ended.</summary>
    public async Task MoveUntilAsync(Task ends)
    {
        // Only so that a clock that cannot move is told of, and does not hang.
        using var tooLong = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var (at, since, stepped) = (Time.GetUtcNow(), Stopwatch.GetTimestamp(), Stopwatch.GetTimestamp());
        while (!ends.IsCompleted)
        {
            if (Time.GetUtcNow() != at) (at, since) = (Time.GetUtcNow(), Stopwatch.GetTimestamp());
            if (tooLong.IsCancellationRequested) throw new TimeoutException($"Nothing moves at {Time.GetUtcNow():O}: parked {string.Join(",", Models.Parked.Select(gate => gate.Wait))}; calls {Models.Calls.Count}; waits {string.Join(", ", Time.Waits)}.");
            // The gates first: a call that is kept has set its timers, and one that began since then is not kept yet.
            var gates = Models.Parked.Where(gate => !_passed.Contains(gate)).ToArray();
            var waits = Time.Waits;
            var calls = waits.Count(wait => wait.For == Total);
            if (calls == gates.Length && calls > 0 && gates.All(gate => HasComeTo(gate.Wait, waits, gates))) Move(gates, waits);
            // A clock that was moved to something else than what they wait for has left them where they were.
            else if (calls > 0 && gates.Length == 0 && Models.Parked.Count == calls && Stopwatch.GetElapsedTime(since) > Standstill) _passed.Clear();
            else if (calls == 0 && gates.Length == 0)
            {
                var standsStill = Stopwatch.GetElapsedTime(since) > Standstill && Stopwatch.GetElapsedTime(stepped) > Step;
                Pass(waits, standsStill);
                // Such a step is no sign that things move again.
                if (standsStill) (at, stepped) = (Time.GetUtcNow(), Stopwatch.GetTimestamp());
            }
            await Task.Yield();
        }
    }

    // The limit on the whole runs from the beginning: it is waited for once no other runs.
    private static bool HasComeTo(Wait wait, IReadOnlyList<(TimeSpan For, TimeSpan Left)> waits, IReadOnlyList<Gate> gates) => wait is Wait.Total
        ? !waits.Any(one => one.For == FirstToken || one.For == Connect)
        : waits.Count(one => one.For == LimitOf(wait)) >= gates.Count(gate => LimitOf(gate.Wait) == LimitOf(wait));

    private static TimeSpan LimitOf(Wait wait) => wait switch { Wait.FirstToken => FirstToken, Wait.Total => Total, Wait.Refusal => ErrorBody.Within, _ => Idle };

    private void Move(IReadOnlyList<Gate> gates, IReadOnlyList<(TimeSpan For, TimeSpan Left)> waits)
    {
        var read = gates.Where(gate => gate.Wait is Wait.Read).ToArray();
        foreach (var gate in read) gate.Open();
        // The upstream may see later than we do that its caller has left.
        foreach (var gate in read.Length > 0 ? read : gates) _passed.Add(gate);
        if (read.Length > 0) return;
        var limits = gates.Select(gate => LimitOf(gate.Wait)).Append(Attempt).ToHashSet();
        var attempts = waits.Where(wait => wait.For == Attempt).ToArray();
        Time.Advance(waits.Where(wait => limits.Contains(wait.For) || (!IsOther(wait) && attempts.Any(attempt => IsCut(wait, attempt.Left)))).Min(wait => wait.Left));
    }

    // A silence that is cut so that another model can be asked: half of what was left of the attempt when it began.
    private static bool IsCut((TimeSpan For, TimeSpan Left) wait, TimeSpan left) => ((left + wait.For - wait.Left) / 2 - wait.For).Duration() <= TimeSpan.FromTicks(1);

    // Nothing is under way: a pause of the chain, or a job that waits for its next attempt.
    /// <param name="standsStill">Nothing has moved for long: a pause must look like a beat, as the first one of a model that is left out does.</param>
    private void Pass(IReadOnlyList<(TimeSpan For, TimeSpan Left)> waits, bool standsStill)
    {
        // Beyond the time of an attempt there are none: what is 2 s long then is the grace that its handler has to end.
        var pauses = !waits.Any(wait => wait.For == Attempt) ? [] : waits.Where(wait => standsStill ? wait.For.Ticks % TimeSpan.TicksPerSecond == 0 && wait.For <= LongestWholePause : !IsOther(wait) && IsPause(wait.For)).ToArray();
        if (pauses.Length > 0) Time.Advance(pauses.Min(wait => wait.Left));
        else if (Count("SELECT min(due) FROM queue WHERE state = 0") is > 0 and var due) Time.Advance(Longer(DateTimeOffset.FromUnixTimeMilliseconds(due) - Time.GetUtcNow()));
    }

    // Beats come again and again, in whole seconds or as fast as the fastest. A duty's first pause is a share of its beat and comes once: a pause of the
    // chain may happen to be as long, but was not set at the beginning.
    private bool IsOther((TimeSpan For, TimeSpan Left) wait) =>
        _others.Contains(wait.For) && (wait.For.Ticks % TimeSpan.TicksPerSecond == 0 || wait.For <= Beat || wait.For - wait.Left == Time.GetUtcNow() - _began);

    private static TimeSpan Longer(TimeSpan left) => left > Beat ? left : Beat;

    // The pauses of a model that is left out are whole, too, where a call comes in the moment in which they begin.
    private static bool IsPause(TimeSpan span) => span == FaultList.Pause || span.TotalSeconds is 2 or 4 or 8
        || (span.Ticks % TimeSpan.TicksPerSecond != 0 && span != Beat && span != FirstToken && span != Idle && span != Total && span != Attempt && span != Connect);

    public long Count(string sql) => Node.Engine.Database.Read(session =>
    {
        using var read = session.Prepare(sql);
        read.Step();
        return read.Int64OrNull(0) ?? 0;
    });

    public IReadOnlyList<(int Attempt, ModelCall Call)> CallsOf(JobId id) => Node.Engine.Database.Read(session => ModelCalls.ReadAsync(session, id));

    private async Task<Seen> SeeAsync(Task<Answer> asked)
    {
        var answer = await asked;
        switch (answer)
        {
            case Answer.Done done:
                return new Seen(done.Job.Id, Node.Text(done.Result), "", null, null);
            case Answer.Failed failed:
                return new Seen(failed.Job.Id, null, "", failed.Failure.Code, failed.Failure.RetryAfter);
            case Answer.Streaming streaming:
                return await SeeStreamAsync(streaming.Job.Id);
            case Answer.Accepted accepted:
                var job = await EndOfAsync(accepted.Job.Id);
                return new Seen(job.Id, job.State is JobState.Succeeded ? await Node.ResultOfAsync(job.Id) : null, "", job.Error?.Code, null);
            default:
                throw new InvalidOperationException(answer.ToString());
        }
    }

    private async Task<Seen> SeeStreamAsync(JobId id)
    {
        var shown = new StringBuilder();
        string? code = null, state = null;
        foreach (var entry in await Node.EventsOfAsync(id))
        {
            var data = JsonElement.Parse(entry.Data.Span);
            if (entry.Kind == "delta") shown.Append(data.GetProperty("text").GetString());
            if (entry.Kind == "result") shown.Append(data.GetString());
            if (entry.Kind != "end") continue;
            state = data.GetProperty("state").GetString();
            if (data.TryGetProperty("error", out var error)) code = error.GetProperty("code").GetString();
        }
        // Its end is the proof that the answer is whole; without one it is not.
        return new Seen(id, state == "succeeded" ? shown.ToString() : null, shown.ToString(), code, null);
    }

    private async Task<Job> EndOfAsync(JobId id)
    {
        while (true)
        {
            if (await Node.Engine.FindAsync(Caller.Local, id) is { IsFinished: true } job) return job;
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A node that a failed case left at work waits by the same clock.
        var closing = Node.DisposeAsync().AsTask();
        while (!closing.IsCompleted)
        {
            Time.Advance(Beat);
            await Task.Yield();
        }
        await closing;
        await Models.DisposeAsync();
    }
}

/// <summary>What a caller saw.</summary>
/// <param name="Answer">Null: there was none.</param>
/// <param name="Shown">The text of a stream, however it ended.</param>
internal sealed record Seen(JobId Id, string? Answer, string Shown, string? Code, TimeSpan? RetryAfter)
{
    public TimeSpan Took { get; init; }
}
