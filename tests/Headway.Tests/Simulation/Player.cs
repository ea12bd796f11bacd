using Headway.Jobs;
using Headway.Jobs.Storage;

namespace Headway.Tests.Simulation;

/// <summary>What went wrong, and all that was done until then.</summary>
internal sealed record Trouble(string What, IReadOnlyList<string> Script);

/// <summary>Plays one story on a real database beside the model.</summary>
/// <remarks>
/// Steps that are joined go to the database at once: on PostgreSQL their statements interleave. Their verdicts and what they leave must be those of some
/// order of them, one after the other.
/// </remarks>
internal sealed partial class Player
{
    private const long Lease = 30_000;

    // Two crashes and a last try, each after a wait, and what waits for its time: more is too much.
    private const int Rounds = 8;

    // Of more than that there are too many orders.
    private const int LargestGroup = 3;

    // Who got no answer asks again within so many steps.
    private const int LatestRepeat = 10;

    private readonly World _world;
    private readonly Story _story;
    private readonly List<Actor> _nodes;
    private readonly List<string> _script = [];
    private readonly List<(int Step, Operation Operation)> _late = [];
    private readonly Place _place;
    private readonly QueueRoom? _room;
    private readonly long _begins;
    private Model _model;
    private int _drawn;

    private Player(World world, Story story, Place place, long begins)
    {
        (_world, _story, _place, _begins) = (world, story, place, begins);
        _model = new Model(story.Terms) { Now = begins };
        _nodes = [.. Enumerable.Range(1, story.Terms.Nodes).Select(number => new Actor($"n{number}"))];
        _room = story.Terms.Room is null ? null : new QueueRoom();
    }

    /// <summary>Null: everything was as it must be.</summary>
    public static async Task<Trouble?> PlayAsync(World world, Story story)
    {
        var (place, begins) = await world.ClearAsync(story.Terms);
        await world.SetClockAsync(begins);
        var player = new Player(world, story, place, begins);
        string? wrong;
        try
        {
            wrong = await player.PlayAsync();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            wrong = error.ToString();
        }
        return wrong is null ? null : new Trouble(wrong, player._script);
    }

    private async Task<string?> PlayAsync()
    {
        foreach (var node in _nodes)
        {
            if (await DoAsync([Wakes(node, _model.Now)]) is { } wrong) return wrong;
        }
        for (var i = 0; i < _story.Steps.Count; i++)
        {
            var (group, lost) = (Late(i), new List<Operation>());
            for (; ; i++)
            {
                var step = _story.Steps[i];
                if (await DrawAsync(step) is { } operation)
                {
                    group.Add(operation);
                    if (step.Lost)
                    {
                        lost.Add(operation);
                        _late.Add((i + new Random(step.Chance).Next(LatestRepeat), operation));
                    }
                }
                // What is asked together is asked at one time.
                if (!step.Joined || i + 1 == _story.Steps.Count || _story.Steps[i + 1].Act is Act.Pass) break;
            }
            if (await DoAllAsync(group, lost) is { } wrong) return wrong;
        }
        return await _world.CompareRestAsync(_model, _begins) ?? await DrainAsync();
    }

    /// <summary>What is asked again by now, because no answer came: perhaps long after others have acted on it.</summary>
    private List<Operation> Late(int step)
    {
        var late = _late.Where(asked => asked.Step < step).Select(asked => asked.Operation.Again()).ToList();
        _late.RemoveAll(asked => asked.Step < step);
        return late;
    }

    private async Task<string?> DoAllAsync(List<Operation> group, List<Operation> lost)
    {
        foreach (var alone in group.Where(operation => operation.IsAlone))
        {
            if (await DoAsync([alone], lost) is { } wrong) return wrong;
        }
        foreach (var together in group.Where(operation => !operation.IsAlone).Chunk(LargestGroup))
        {
            if (await DoAsync(together, lost) is { } wrong) return wrong;
        }
        return null;
    }

    private async Task<string?> DoAsync(Operation[] group, List<Operation>? lost = null)
    {
        _script.Add($"{_model.Now - _begins,10} {string.Join("  +  ", group.Select(each => lost?.Contains(each) is true ? $"{each} (answer lost)" : each.ToString()))}");
        var asked = group.Select((operation, i) => operation.SendAsync(_world.Database, soon: i < group.Length - 1)).ToList();
        var verdicts = await Task.WhenAll(asked);
        string? wrong = null;
        foreach (var order in Orders(group.Length))
        {
            var model = group.Length == 1 ? _model : _model.Clone();
            var differs = order.Select(i => Explain(group, i, model, verdicts[i])).FirstOrDefault(complaint => complaint is not null) ?? await _world.CompareAsync(model);
            // The rows can be those of two orders, and the events of one.
            if (group.Length > 1) differs ??= await _world.CompareRestAsync(model, _begins);
            wrong ??= differs;
            if (differs is not null) continue;
            _model = model;
            for (var i = 0; i < group.Length; i++)
            {
                if (lost?.Contains(group[i]) is not true) group[i].Learn(verdicts[i]);
            }
            return null;
        }
        return group.Length == 1 ? wrong : $"No order of {group.Length} explains what happened; in the first: {wrong}";
    }

    private static string? Explain(Operation[] group, int i, Model model, object? verdict)
    {
        model.WantedBeside = group.Sum(operation => operation.Wants) - group[i].Wants;
        return group[i].Explain(model, verdict);
    }

    /// <summary>All nodes die, a new one comes, and everything ends.</summary>
    private async Task<string?> DrainAsync()
    {
        var last = new Actor("last");
        for (var round = 0; round < Rounds && _model.UnderWay.Any(); round++)
        {
            foreach (var lease in LeasesInUse())
            {
                if (await DoAsync([new Rescues(last, lease, "the dead", 100, long.MaxValue, _model.Now, _story.Terms.Pull)]) is { } stuck) return stuck;
            }
            await PassAsync(61_000);
            if (await DoAsync([new Promotes(_model.Now)]) is { } wrong) return wrong;
            if (await DoAsync([Wakes(last, _model.Now)]) is { } late) return late;
            if (await WorkOffAsync(last) is { } left) return left;
        }
        if (_model.UnderWay.Any()) return $"{_model.UnderWay.Count()} jobs never end, the first: {_model.UnderWay.First().Place}";
        return await DoAsync([new Settles(long.MaxValue, _model.Now)])
            ?? (_model.Reserved > 0 ? "something is held back for ever" : null)
            ?? await DoAsync([new Prunes(_model.Now + (30 * Model.Hour))])
            ?? await _world.CompareRestAsync(_model, _begins);
    }

    private async Task<string?> WorkOffAsync(Actor last)
    {
        int claimed;
        do
        {
            if (await DoAsync([Claims(last, 100, _model.Now, counts: true, tenant: null)]) is { } wrong) return wrong;
            claimed = last.Holds.Count;
            foreach (var held in last.Holds.ToList())
            {
                if (await DoAsync([new Ends(last, held, _model.Jobs[held.Fence.Job], _place, well: true, Spec.Price, _model.Now)]) is { } failed) return failed;
            }
        }
        while (_model.UnderWay.Any(job => job.State is JobState.Queued) && claimed > 0);
        return null;
    }

    private List<long> LeasesInUse() => [.. _model.Leases.Keys.Concat(_model.UnderWay.Where(job => job.State is JobState.Running).Select(job => job.Lease!.Value)).Distinct().Order()];

    private async Task PassAsync(long milliseconds)
    {
        _model.Now += milliseconds;
        await _world.SetClockAsync(_model.Now);
    }

    private static IEnumerable<int[]> Orders(int count)
    {
        if (count == 1) return [[0]];
        return Enumerable.Range(0, count).SelectMany(last => Orders(count - 1).Select(rest => rest.Select(i => i >= last ? i + 1 : i).Append(last).ToArray())).Reverse();
    }
}
