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
            if (_arrived.Exists(arrived => arrived.Operation == operation) || signals.Find(signal => signal.Name == name && !_matched.Contains(signal.Number) && (signal.ByApprover || operation.Kind is not EntryKind.Approval)) is not { } signal) continue;
            _matched.Add(signal.Number);
            var body = await host.Database.ReadAsync(session => signal.BodyAsync(session, attempt.Job)).ConfigureAwait(false);
            _arrived.Add((operation, Entry(operation, EntryOutcome.Done, BodyOf(operation, signal, body), now) with { Signal = signal.Number }, signal.Sent));
        }
        var over = waits.Where(wait => wait.IsOver).Select(wait => wait.Child).ToHashSet();
        foreach (var operation in waiting.Where(operation => operation.Kind is EntryKind.Call && over.Contains(operation.Child) && !_arrived.Exists(arrived => arrived.Operation == operation)))
        {
            var (outcome, body, ended) = children.EndOf(operation.Child!.Value);
            _arrived.Add((operation, Entry(operation, outcome, body, now), ended));
        }
    }

    /// <summary>What is there, what came first first; as much of it as can be given in one go.</summary>
    /// <remarks>
    /// What was sent is taken when it is journaled, and must reach the code: something that is given before it may make the code give up the question, and then
    /// it stays for the next who asks. So it is taken only where nothing is given before it.
    /// </remarks>
    /// <param name="mayTakeSignal">Nothing else is given first.</param>
    public List<JournalEntry> Take(long now, bool mayTakeSignal)
    {
        foreach (var operation in flow.Open.Where(operation => operation.IsNoted && operation.Due <= now && operation.Kind is EntryKind.Timer or EntryKind.Signal or EntryKind.Approval))
        {
            if (!(operation.Due <= now) || _arrived.Exists(arrived => arrived.Operation == operation)) continue;
            _arrived.Add((operation, Entry(operation, operation.Kind is EntryKind.Timer ? EntryOutcome.Done : EntryOutcome.TimedOut, [], now), operation.Due!.Value));
        }
        foreach (var given in _arrived.Where(arrived => flow.Find(arrived.Operation.Key) != arrived.Operation).ToList())
        {
            _arrived.Remove(given);
            if (given.Entry.Signal is { } signal) _matched.Remove(signal);
        }
        var taken = new List<(Operation Operation, JournalEntry Entry, long At)>();
        foreach (var arrived in _arrived.OrderBy(arrived => arrived.At).ThenBy(arrived => arrived.Operation.Number))
        {
            if (arrived.Entry.Signal is not null && (taken.Count > 0 || !mayTakeSignal)) break;
            taken.Add(arrived);
        }
        foreach (var one in taken) _arrived.Remove(one);
        return taken.ConvertAll(one => one.Entry);
    }

    private static JournalEntry Entry(Operation operation, EntryOutcome outcome, byte[] body, long now) =>
        new(0, operation.Kind, operation.Key, operation.Fingerprint, outcome, body, operation.Child, operation.Began, now, 1);

    private byte[] BodyOf(Operation operation, SentSignal signal, byte[] @sealed)
    {
        var body = host.Vault.Open(attempt.Tenant, PayloadKind.Journal, attempt.Job, @sealed, SentSignal.Position);
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
