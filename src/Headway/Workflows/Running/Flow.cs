using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Headway.Streams;
using Headway.Workflows.History;

namespace Headway.Workflows.Running;

/// <summary>What the code of a workflow has asked for while it runs: its side of the seam, of which the driver is the other.</summary>
internal sealed class Flow(FlowPast past, FlowPump pump)
{
    /// <summary>A workflow that asks for more is warned of.</summary>
    public const int Many = 10_000;

    /// <summary>A workflow that asks for more is ended: its journal is read whole whenever it goes on.</summary>
    public const int Most = 50_000;

    private const int LongestName = 200;

    private readonly Dictionary<string, int> _occurrences = new(StringComparer.Ordinal);
    private readonly Dictionary<StepKey, Operation> _open = [];
    private readonly HashSet<StepKey> _dropped = [];
    private readonly List<Operation> _asked = [];
    private readonly HashSet<string> _markers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _changes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _steps = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private Task _told = Task.CompletedTask;
    private int _ids;

    /// <summary>The workflow's own time: when it was given the last thing, in milliseconds since 1970.</summary>
    public long Now { get; private set; } = past.Began;

    /// <summary>It is given what it got before, and has asked again for nothing that is new.</summary>
    public bool IsReplaying { get; set; }

    public int Count { get; private set; }

    /// <summary>What the code did wrong, whether or not it caught it.</summary>
    public Exception? Broken { get; private set; }

    public Branch Root { get; } = new("");

    /// <summary>Chance that is the same whenever the code is run again.</summary>
    public Random Random { get; } = new(BitConverter.ToInt32(SHA256.HashData(past.Round == 1 ? past.Seed.Value.ToByteArray() : Encoding.UTF8.GetBytes(SeedOf(past))), 0));

    /// <summary>What is to be undone if the workflow fails, the last first.</summary>
    public Stack<(string Prefix, string Name, Func<CancellationToken, Task> Undo)> Undo { get; } = new();

    public IReadOnlyCollection<Operation> Open => _open.Values;

    public Operation? Find(StepKey key) => _open.GetValueOrDefault(key);

    public bool IsDropped(StepKey key) => _dropped.Contains(key);

    /// <summary>What was asked for since the last look, in its order.</summary>
    public List<Operation> TakeAsked(int most)
    {
        var asked = _asked.Where(operation => _open.ContainsKey(operation.Key)).ToList();
        _asked.Clear();
        if (asked.Count > most) _asked.AddRange(asked[most..]);
        return asked.Count > most ? asked[..most] : asked;
    }

    public bool HasAsked => _asked.Count > 0;

    /// <summary>Begins to wait for something.</summary>
    /// <exception cref="InvalidOperationException">The code is not in its turn, or the name cannot be used.</exception>
    public Task<T> Ask<T>(Branch branch, string name, EntryKind kind, Func<StepKey, Operation<T>> make)
    {
        if (!pump.IsTurn) throw Break(Outside($"{name} was asked for from outside its own turn"));
        if (branch.IsGivenUp) return Task.FromCanceled<T>(new CancellationToken(canceled: true));
        CheckName(name);
        if (++Count > Most) throw Break(new WorkflowFailedException("workflow-too-long", $"The workflow has asked for more than {Most} things. Give parts of it to children, or let it go on as a new one."));
        var path = branch.Prefix + name;
        if (kind is EntryKind.Step && !_steps.Add(path))
        {
            throw Break(new WorkflowFailedException("step-name-in-use", $"Two steps named {path} would run at once, and the journal could not tell them apart. Give each a name of its own, or use Each."));
        }
        var key = new StepKey(path, _occurrences[path] = _occurrences.GetValueOrDefault(path) + 1);
        var operation = make(key);
        (operation.Number, operation.Began) = (Count, Now);
        _open.Add(key, operation);
        _asked.Add(operation);
        return operation.Given;
    }

    /// <exception cref="WorkflowFailedException">Nothing can be called so.</exception>
    public void CheckName(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > LongestName || name.Any(char.IsControl)) throw Break(new WorkflowFailedException("step-name-invalid", $"A name has 1 to {LongestName} characters, none of them a control character; this one is '{name}'."));
    }

    /// <summary>It is there, and nobody is given it: the code has ended.</summary>
    public void Settle(StepKey key)
    {
        if (Find(key) is { } open) Close(open);
    }

    /// <summary>Gives the code what it waits for. In a turn.</summary>
    public void Give(Operation operation, JournalEntry entry)
    {
        Close(operation);
        Now = Math.Max(Now, entry.Ended);
        operation.Complete(entry);
    }

    /// <summary>Nobody wants what a branch waits for any more, but for one kind. In a turn.</summary>
    public void GiveUp(Branch branch, EntryKind? keep = null)
    {
        branch.GiveUp();
        foreach (var operation in _open.Values.Where(operation => branch.Holds(operation.Branch) && operation.Kind != keep).ToList())
        {
            Close(operation);
            _dropped.Add(operation.Key);
            Given.Add(operation);
            operation.Drop();
        }
    }

    private void Close(Operation operation)
    {
        _open.Remove(operation.Key);
        if (operation.Kind is EntryKind.Step) _steps.Remove(operation.Key.Name);
    }

    /// <summary>What was given up since the last look, and must be let go of.</summary>
    public List<Operation> Given { get; } = [];

    private static string SeedOf(FlowPast past) => past.Round == 1 ? past.Seed.ToString() : string.Create(CultureInfo.InvariantCulture, $"{past.Seed} run {past.Round}");

    /// <summary>1, or more of a job that went on as a new run.</summary>
    public int Round => past.Round;

    /// <summary>How many pieces of output the code has shown since its top.</summary>
    public long Emitted { get; private set; }

    /// <summary>Counts a piece of output. False: it was shown by an attempt before.</summary>
    public bool TryEmit() => Emitted++ >= (past.Emitted ?? 0);

    public Guid NewId()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{SeedOf(past)} {++_ids}")), hash);
        // Version 8 of RFC 9562: made by a rule of our own.
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    /// <summary>Of the journal: the code that wrote it knew this change.</summary>
    public void Mark(string change) => _markers.Add(change);

    /// <summary>Whether this run of the code goes by a change: decided where it first asks, and the same wherever it asks again.</summary>
    public bool Knows(string change)
    {
        if (_changes.TryGetValue(change, out var known)) return known;
        known = _markers.Contains(change) || !IsReplaying;
        if (known && _markers.Add(change)) NewMarkers.Add(change);
        return _changes[change] = known;
    }

    /// <summary>A name for branches that no others in this place have: the second use of one is apart from the first, as with steps.</summary>
    public string Place(string path) => (_places[path] = _places.GetValueOrDefault(path) + 1) is var use && use == 1 ? path : string.Create(CultureInfo.InvariantCulture, $"{path}#{use}");

    /// <summary>Tells others something, in its order and without holding up the code, which must not depend on how long that takes.</summary>
    public void Tell(Func<Task> tell)
    {
        var before = _told;
        _told = Task.Run(async () =>
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await tell().ConfigureAwait(false);
            }
            catch (OutputFullException full)
            {
                Break(new WorkflowFailedException("output-too-long", full.Message));
            }
        });
    }

    /// <summary>Completes when all that was told has been heard, or could not be.</summary>
    public async Task ToldAsync() => await _told.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>Changes that the code has gone by since the last look.</summary>
    public List<string> NewMarkers { get; } = [];

    public static WorkflowFailedException Outside(string what) => new("workflow-outside",
        $"In the body of the workflow {what}. Await only what the verbs give there: no ConfigureAwait(false), no Task.Run, no Task.Delay; what needs them belongs into a step.");

    /// <summary>The code did something that it must not.</summary>
    public Exception Break(Exception error)
    {
        Broken ??= error;
        return error;
    }
}
