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

    private FlowPast(long began) => Began = began;

    /// <summary>When the job was begun for the first time, in milliseconds since 1970: the workflow's own time starts there.</summary>
    public long Began { get; }

    /// <summary>The number of the last line.</summary>
    public long Last { get; private set; }

    public bool IsEmpty => Last == 0 && Waits.Count == 0;

    public List<string> Markers { get; } = [];

    public Dictionary<StepKey, Wait> Waits { get; } = [];

    /// <summary>Of a first attempt, which has none and need not look for it.</summary>
    public static FlowPast None(Attempt attempt) => new(attempt.Started);

    /// <summary>Of a journal that was kept elsewhere.</summary>
    /// <param name="waits">What was asked for and not got.</param>
    public static FlowPast Of(long began, IEnumerable<JournalEntry> entries, IEnumerable<Wait> waits)
    {
        var past = new FlowPast(began);
        foreach (var entry in entries) past.Add(entry);
        foreach (var wait in waits) past.Waits[new StepKey(wait.Name, wait.Occurrence)] = wait;
        return past;
    }

    public static async Task<FlowPast> LoadAsync(WorkflowHost host, Attempt attempt)
    {
        var rows = new List<JournalRow>();
        var (waits, began) = await host.Database.ReadAsync(async session =>
        {
            List<JournalRow> page;
            do
            {
                page = await JournalRow.ReadAsync(session, attempt.Job, rows.Count == 0 ? 0 : rows[^1].Entry.Number).ConfigureAwait(false);
                rows.AddRange(page);
            }
            while (JournalRow.MayHaveMore(page));
            using var begin = session.Use(ReadBegin).Bind(1, attempt.Job);
            long? first = await begin.StepAsync().ConfigureAwait(false) ? begin.Int64(0) : null;
            return (await Jobs.Waiting.Waits.ReadAsync(session, attempt.Job).ConfigureAwait(false), first);
        }).ConfigureAwait(false);
        var past = new FlowPast(began ?? attempt.Started);
        // What it died of is there already where its end was not written any more: it dies of it again.
        foreach (var wait in waits.Where(wait => wait.Kind is not WaitKind.Died)) past.Waits[new StepKey(wait.Name, wait.Occurrence)] = wait;
        foreach (var row in rows) past.Add(row.Entry with { Body = row.Body is null ? default : host.Vault.Open(attempt.Tenant, PayloadKind.Journal, attempt.Job, row.Body, row.Entry.Number) });
        return past;
    }

    private void Add(JournalEntry entry)
    {
        Last = entry.Number;
        if (entry.Kind is EntryKind.Marker) Markers.Add(entry.Key.Name);
        else _lines.Enqueue(entry);
    }

    /// <summary>The next thing that the code is given, and the question that it answers; false: there is no more, or the next was given up.</summary>
    /// <exception cref="JournalMismatchException">The code has not asked for it.</exception>
    public bool TryNext(Flow flow, out Operation? open, out JournalEntry? line)
    {
        (open, line) = (null, null);
        while (_lines.TryDequeue(out line))
        {
            if (flow.IsDropped(line.Key)) continue;
            open = flow.Find(line.Key);
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
        foreach (var (key, wait) in Waits.Where(wait => flow.Find(wait.Key) is null && !flow.IsDropped(wait.Key)))
            throw Mismatch($"because it waited for that: {Word(wait.Kind)} {key}", Open(flow));
    }

    /// <summary>The code has ended. What it was given beyond that it must have asked for, or given up.</summary>
    /// <exception cref="JournalMismatchException">It ended earlier than the code that began it.</exception>
    public void CompareEnd(Flow flow)
    {
        var left = _lines.Where(line => line.Kind is EntryKind.Undo).ToList();
        if (_lines.FirstOrDefault(line => line.Kind is not EntryKind.Undo && !flow.IsDropped(line.Key) && flow.Find(line.Key) is null) is { } line)
            throw Mismatch($"by line {line.Number} of its journal: {Word(line.Kind)} {line.Key}", "its end");
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
        _ => kind.ToString().ToLowerInvariant(),
    };
}
