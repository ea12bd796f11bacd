using System.Text.Json;
using Headway.Handlers;
using Headway.Handlers.Code;
using Headway.Jobs.Waiting;
using Headway.Payloads;
using Headway.Storage;
using Headway.Workflows.History;

namespace Headway.Workflows.Running;

/// <summary>What comes to a workflow from outside: signals, the ends of its children, the ends of its waits.</summary>
internal sealed class FlowArrivals(WorkflowHost host, Attempt attempt, Flow flow, FlowChildren children)
{
    private readonly List<(Operation Operation, JournalEntry Entry, long At)> _arrived = [];
    private readonly HashSet<long> _matched = [];
    private bool _look;
    private bool _told;
    private long _looked;

    // A word may be lost: looked for itself from time to time, in milliseconds.
    private const long LookAfter = 1_000;

    private static readonly Sql ReadAsked = Sql.At("Workflows/Storage/ReadAsked");

    /// <summary>What people asked of the job, as it is known here.</summary>
    public Asked Asked { get; set; }

    /// <summary>Something is waited for that may be there already.</summary>
    public void Expect(Operation operation)
    {
        if (operation.Kind is EntryKind.Signal or EntryKind.Approval || (operation.Kind is EntryKind.Call && operation.IsNoted)) _look = true;
    }

    /// <summary>Somebody said that there is something new.</summary>
    public void LookAgain() => _look = _told = true;

    /// <summary>Looks at the database, if there may be something new for what is waited for.</summary>
    public async Task LookAsync(long now)
    {
        var waiting = flow.Open.Where(operation => operation.Kind is EntryKind.Signal or EntryKind.Approval or EntryKind.Call).OrderBy(operation => operation.Number).ToList();
        if (_looked == 0) _looked = now;
        var byItself = now - _looked >= LookAfter;
        if (!byItself && !_told && !(_look && waiting.Count > 0)) return;
        (_look, _told, _looked) = (false, false, now);
        var (asked, signals, waits) = await host.Database.ReadAsync(async session =>
        {
            using var ask = session.Use(ReadAsked).Bind(1, attempt.Job);
            var said = await ask.StepAsync().ConfigureAwait(false) ? (Asked)ask.Int64(0) : Asked.Nothing;
            return waiting.Count == 0 ? (said, [], [])
                : (said, await SentSignal.ReadAsync(session, attempt.Job).ConfigureAwait(false), await Waits.ReadAsync(session, attempt.Job).ConfigureAwait(false));
        }).ConfigureAwait(false);
        Asked = asked;
        foreach (var operation in waiting.Where(operation => operation.Kind is not EntryKind.Call))
        {
            var name = operation.Key.Name;
            if (signals.Find(signal => signal.Name == name && !_matched.Contains(signal.Number)) is not { } signal || _arrived.Exists(arrived => arrived.Operation == operation)) continue;
            _matched.Add(signal.Number);
            _arrived.Add((operation, Entry(operation, EntryOutcome.Done, BodyOf(operation, signal), now) with { Signal = signal.Number }, signal.Sent));
        }
        var over = waits.Where(wait => wait.IsOver).Select(wait => wait.Child).ToHashSet();
        foreach (var operation in waiting.Where(operation => operation.Kind is EntryKind.Call && over.Contains(operation.Child) && !_arrived.Exists(arrived => arrived.Operation == operation)))
        {
            var (outcome, body, ended) = children.EndOf(operation.Child!.Value);
            _arrived.Add((operation, Entry(operation, outcome, body, now), ended));
        }
    }

    /// <summary>What is there, what came first first.</summary>
    public List<JournalEntry> Take(long now)
    {
        foreach (var operation in flow.Open.Where(operation => operation.IsNoted && operation.Due <= now && operation.Kind is EntryKind.Timer or EntryKind.Signal or EntryKind.Approval))
        {
            if (!(operation.Due <= now) || _arrived.Exists(arrived => arrived.Operation == operation)) continue;
            _arrived.Add((operation, Entry(operation, operation.Kind is EntryKind.Timer ? EntryOutcome.Done : EntryOutcome.TimedOut, [], now), operation.Due!.Value));
        }
        var taken = _arrived.Where(arrived => flow.Find(arrived.Operation.Key) == arrived.Operation).OrderBy(arrived => arrived.At).ThenBy(arrived => arrived.Operation.Number).Select(arrived => arrived.Entry).ToList();
        _arrived.Clear();
        return taken;
    }

    private static JournalEntry Entry(Operation operation, EntryOutcome outcome, byte[] body, long now) =>
        new(0, operation.Kind, operation.Key, operation.Fingerprint, outcome, body, operation.Child, operation.Began, now, 1);

    private byte[] BodyOf(Operation operation, SentSignal signal)
    {
        var body = host.Vault.Open(attempt.Tenant, PayloadKind.Journal, attempt.Job, signal.Body, SentSignal.Position);
        if (operation.Kind is not EntryKind.Approval) return body;
        try
        {
            var decision = JsonSerializer.Deserialize<Approval>(body, CodeJson.Options);
            return decision is null ? body : JsonSerializer.SerializeToUtf8Bytes(decision with { By = signal.Actor, At = DateTimeOffset.FromUnixTimeMilliseconds(signal.Sent) }, CodeJson.Options);
        }
        catch (JsonException)
        {
            // Told to the code, as with any signal that does not fit.
            return body;
        }
    }
}
