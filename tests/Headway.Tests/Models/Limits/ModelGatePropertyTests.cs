using Headway.Features;
using Headway.Models.Limits;

namespace Headway.Tests.Models.Limits;

/// <summary>Random arrivals at several nodes, some of which die: no limit is ever passed, and nothing is lost of it for good.</summary>
public sealed class ModelGatePropertyTests
{
    private sealed record Use(DateTimeOffset At, long Reserved)
    {
        public long Tokens { get; set; } = Reserved;
    }

    private sealed class Story(Random random, GateField field)
    {
        private readonly List<(Task<GateEntry> Entering, ModelGate Gate, long Tokens)> _entering = [];
        private readonly List<(ModelPass Pass, ModelGate Gate, Use Use)> _open = [];
        private readonly List<(ModelGate Gate, long Lease)> _nodes = [];

        public List<Use> Uses { get; } = [];

        public async Task PlayAsync()
        {
            for (var i = random.Next(1, 4); i > 0; i--) _nodes.Add(await field.NodeAsync());
            for (var step = 0; step < 900; step++)
            {
                if (random.Next(4) == 0) Arrive();
                await field.SettledAsync();
                await SeeAsync();
                while (_open.Count > 0 && random.Next(3) == 0) End(random.Next(_open.Count));
                if (random.Next(250) == 0) await DieAsync(random.Next(_nodes.Count));
                await field.AdvanceAsync(0.2, step: 0.2);
                await SeeAsync();
            }
            for (var node = _nodes.Count - 1; node >= 0; node--) await DieAsync(node);
        }

        private void Arrive()
        {
            for (var calls = random.Next(1, 12); calls > 0; calls--)
            {
                var gate = _nodes[random.Next(_nodes.Count)].Gate;
                var tokens = field.Limits.TokensPerMinute is { } most ? random.Next(1, Math.Max(2, most / 4)) : 0;
                _entering.Add((field.Enter(gate, $"t{random.Next(3)}", tokens, random.Next(1, 200)), gate, tokens));
            }
        }

        private async Task SeeAsync()
        {
            foreach (var (entering, gate, tokens) in _entering.Where(call => call.Entering.IsCompleted).ToList())
            {
                _entering.Remove((entering, gate, tokens));
                if ((await entering).Pass is not { } pass) continue;
                var use = new Use(field.Time.GetUtcNow(), tokens);
                if (random.Next(10) > 0)
                {
                    pass.Send();
                    Uses.Add(use);
                }
                else
                {
                    use.Tokens = 0;
                }
                _open.Add((pass, gate, use));
            }
            if (field.Limits.Concurrency is { } most) _open.Count.ShouldBeLessThanOrEqualTo(most);
        }

        private void End(int index)
        {
            var (pass, _, use) = _open[index];
            _open.RemoveAt(index);
            if (use.Tokens > 0 && random.Next(2) == 0)
            {
                use.Tokens = random.Next(1, (int)use.Reserved + 1);
                pass.Use(new Usage(use.Tokens, 0, 0));
            }
            pass.Dispose();
        }

        private async Task DieAsync(int index)
        {
            var (gate, lease) = _nodes[index];
            await field.KillAsync(gate, lease);
            await SeeAsync();
            _entering.RemoveAll(call => call.Gate == gate);
            _open.RemoveAll(call => call.Gate == gate);
            _nodes[index] = await field.NodeAsync();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task No_minute_sees_more_than_the_limit_and_nothing_leaks(int seed)
    {
        var random = new Random(seed);
        var limits = new ModelLimits
        {
            RequestsPerMinute = seed % 3 == 0 ? null : random.Next(5, 60),
            TokensPerMinute = seed % 2 == 0 ? null : random.Next(500, 5_000),
            Concurrency = seed % 3 == 1 ? null : random.Next(1, 10),
        };
        await using var field = new GateField(limits);
        var story = new Story(random, field);
        await story.PlayAsync();

        story.Uses.Count.ShouldBeGreaterThan(20);
        foreach (var first in story.Uses)
        {
            var stretch = story.Uses.Where(use => use.At >= first.At && use.At < first.At.AddSeconds(60)).ToList();
            ((long)stretch.Count).ShouldBeLessThanOrEqualTo(limits.RequestsPerMinute ?? long.MaxValue);
            stretch.Sum(use => use.Tokens).ShouldBeLessThanOrEqualTo(limits.TokensPerMinute ?? long.MaxValue);
        }

        // A minute after the last node died, a new one has all of it.
        await field.AdvanceAsync(64, step: 1);
        var (gate, _) = await field.NodeAsync();
        var calls = Math.Min(limits.RequestsPerMinute ?? 20, limits.Concurrency ?? 60);
        var entering = Enumerable.Range(0, calls).Select(_ => field.Enter(gate, tokens: (limits.TokensPerMinute ?? 0) / calls)).ToList();
        (await Task.WhenAll(entering)).ShouldAllBe(entry => entry.Pass != null);
    }
}
