using Headway.Handlers;
using Headway.Jobs.Waiting;
using Headway.Payloads;
using Headway.Storage;
using Headway.Workflows.History;
using Headway.Workflows.Storage;

namespace Headway.Workflows.Running;

/// <summary>What a workflow got, and asked for and had not got, when an attempt at it begins; and whether its code comes to the same questions again.</summary>
internal sealed class FlowPast
{
    private static readonly Sql ReadBegin = Sql.At("Workflows/Storage/ReadBegin");

    private readonly Queue<JournalEntry> _lines = new();
    private bool _compared;

    private FlowPast(JobId job, long began) => (Seed, Began) = (job, began);

    /// <summary>When the run was begun for the first time, in milliseconds since 1970: the workflow's own time starts there.</summary>
    public long Began { get; private set; }

    /// <summary>The job that ids and chance come from: this one, or that whose journal it began with.</summary>
    public JobId Seed { get; private set; }

    /// <summary>1, or more of a job that went on as a new run.</summary>
    public int Round { get; private set; } = 1;

    /// <summary>What people asked of it when the attempt began.</summary>
    public Asked Asked { get; private init; }

    /// <summary>How many pieces of output it had shown when it went to sleep. Null: the attempt before this one did not end that way, and nobody counted.</summary>
    public long? Emitted { get; private init; }

    /// <summary>The version of its code. Null: the first, or not begun.</summary>
    public int? Code { get; private init; }

    /// <summary>Nothing is left to be given but what was undone: the code had come no further when that began.</summary>
    public bool IsAtItsEnd => !_lines.TryPeek(out var next) || next.Kind is EntryKind.Undo;

    /// <summary>The attempt that wrote the last line; 0: none did.</summary>
    public int LastAttempt { get; private set; }

    /// <summary>The code has asked for all that is known of it: what it comes to with the last line is new.</summary>
    public bool IsGivenWith(Flow flow) => IsAtItsEnd && Waits.All(wait => wait.Value.Kind is WaitKind.UndoRetry || flow.Find(wait.Key) is not null || flow.IsDropped(wait.Key));

    /// <summary>The number of the last line.</summary>
    public long Last { get; private set; }

    public bool IsEmpty => _lines.Count == 0 && Markers.Count == 0 && Waits.Count == 0;

    public List<string> Markers { get; } = [];

    public Dictionary<StepKey, Wait> Waits { get; } = [];

    /// <summary>Of a first attempt, which has none and need not look for it.</summary>
    public static FlowPast None(Attempt attempt) => new(attempt.Job, attempt.Started) { Emitted = 0 };

    /// <summary>Of a journal that was kept elsewhere.</summary>
    /// <param name="waits">What was asked for and not got.</param>
    public static FlowPast Of(JobId job, long began, IEnumerable<JournalEntry> entries, IEnumerable<Wait> waits)
    {
        // One that was cancelled has come no further than where its undoing begins.
        var past = new FlowPast(job, began) { Asked = Asked.Cancel };
        foreach (var entry in entries) past.Add(entry);
        foreach (var wait in waits) past.Waits[new StepKey(wait.Name, wait.Occurrence)] = wait;
        return past;
    }

    public static async Task<FlowPast> LoadAsync(WorkflowHost host, Attempt attempt)
    {
        var (rows, waits, past) = await host.Database.ReadAsync(async session => (
            await JournalRow.ReadAllAsync(session, attempt.Job).ConfigureAwait(false), await Jobs.Waiting.Waits.ReadAsync(session, attempt.Job).ConfigureAwait(false),
            await BegunAsync(session, attempt).ConfigureAwait(false))).ConfigureAwait(false);
        // What it died of is there already where its end was not written any more: it dies of it again.
        foreach (var wait in waits.Where(wait => wait.Kind is not WaitKind.Died)) past.Waits[new StepKey(wait.Name, wait.Occurrence)] = wait;
        past.LastAttempt = rows.Count == 0 ? 0 : rows[^1].Attempt;
        foreach (var row in rows) past.Add(row.Entry with { Body = row.Body is null ? default : host.Vault.Open(attempt.Tenant, PayloadKind.Journal, attempt.Job, row.Body, row.Entry.Number) });
        return past;
    }

    private static async ValueTask<FlowPast> BegunAsync(Session session, Attempt attempt)
    {
        using var begin = session.Use(ReadBegin).Bind(1, attempt.Job);
        if (!await begin.StepAsync().ConfigureAwait(false)) return new FlowPast(attempt.Job, attempt.Started);
        var rested = begin.Int64OrNull(1) == attempt.Number - 1;
        return new FlowPast(attempt.Job, begin.Int64OrNull(3) ?? attempt.Started)
        {
            Asked = (Asked)(begin.Int64OrNull(0) ?? 0),
            Emitted = rested ? begin.Int64OrNull(2) : attempt.Number == 1 ? 0 : null,
            Code = (int?)begin.Int64OrNull(4),
        };
    }

    private void Add(JournalEntry entry)
    {
        Last = entry.Number;
        if (entry.Kind is EntryKind.Origin)
        {
            (Seed, Round, Began) = (entry.Child ?? Seed, entry.Key.Occurrence, entry.Began);
            return;
        }
        if (entry.Kind is EntryKind.Marker) Markers.Add(entry.Key.Name);
        else _lines.Enqueue(entry);
    }

    /// <summary>The next thing that the code is given, and the question that it answers; false: there is no more, or the next was given up.</summary>
    /// <exception cref="JournalMismatchException">The code has not asked for it.</exception>
    public bool TryNext(Flow flow, out Operation? open, out JournalEntry? line)
    {
        (open, line) = (null, null);
        while (_lines.TryPeek(out line))
        {
            open = flow.Find(line.Key);
            // Of one that was cancelled: its code came no further than this.
            if (line.Kind is EntryKind.Undo && open is null && Asked is Asked.Cancel) return false;
            _lines.Dequeue();
            if (flow.IsDropped(line.Key)) continue;
            if (open is not null && open.Kind == line.Kind && Same(open, line)) return true;
            throw Mismatch($"by line {line.Number} of its journal: {Word(line.Kind)} {line.Key}", open is not null
                ? $"{Word(open.Kind)} {open.Key}{(open.Kind == line.Kind ? " with another input" : "")}"
                : Open(flow));
        }
        return false;
    }

    /// <summary>Before anything new: what was asked for and not got must be asked for again.</summary>
    /// <exception cref="JournalMismatchException">It is not.</exception>
    public void Compare(Flow flow)
    {
        if (_compared) return;
        _compared = true;
        foreach (var (key, wait) in Waits.Where(wait => wait.Value.Kind is not WaitKind.UndoRetry && flow.Find(wait.Key) is null && !flow.IsDropped(wait.Key)))
            throw Mismatch($"because it waited for that: {Word(wait.Kind)} {key}", Open(flow));
    }

    /// <summary>The code has ended. What it was given beyond that it must have asked for, or given up.</summary>
    /// <exception cref="JournalMismatchException">It ended earlier than the code that began it.</exception>
    public void CompareEnd(Flow flow)
    {
        var left = _lines.Where(line => line.Kind is EntryKind.Undo).ToList();
        if (_lines.FirstOrDefault(line => line.Kind is not EntryKind.Undo && !flow.IsDropped(line.Key) && flow.Find(line.Key) is null) is { } line)
            throw Mismatch($"by line {line.Number} of its journal: {Word(line.Kind)} {line.Key}", "its end");
        // Begun and not awaited, and there already: it is not begun again.
        foreach (var there in _lines.Where(line => line.Kind is not EntryKind.Undo)) flow.Settle(there.Key);
        _lines.Clear();
        foreach (var undone in left) _lines.Enqueue(undone);
    }

    private static bool Same(Operation open, JournalEntry line) => line.Fingerprint is not { } print ? open.Fingerprint is null : open.Fingerprint.AsSpan().SequenceEqual(print);

    /// <summary>What the code has asked for and not got, in words.</summary>
    public static string Open(Flow flow) => flow.Open.Count == 0 ? "nothing" : string.Join(", ", flow.Open.OrderBy(open => open.Number).Take(5).Select(open => $"{Word(open.Kind)} {open.Key}"));

    public static JournalMismatchException Mismatch(string expected, string found) => new("mismatch",
        $"The workflow was run again and did not come to the same question. Expected, {expected}. Found: {found}. Run the code that began it, or go by the change with Patched(…); then replay the job.");

    private static string Word(EntryKind kind) => kind switch
    {
        EntryKind.Timer => "the delay",
        EntryKind.Start => "the start of",
        EntryKind.Undo => "the undoing",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private static string Word(WaitKind kind) => kind switch
    {
        WaitKind.Timer => "the delay",
        WaitKind.Child => "call",
        WaitKind.Start => "the start of",
        WaitKind.Retry => "step",
        WaitKind.UndoRetry => "the undoing",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
