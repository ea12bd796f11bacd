namespace Headway.Tests.Simulation;

/// <summary>What may come next. What a step means is decided when it is taken, from its own chance and from how things stand by then: so steps can be left out.</summary>
internal enum Act
{
    Accept, AcceptMany, Claim, ClaimWithLimits, End, Retry, HandBack, Facts, Cancel, Replay, Renew, Wake, Die, HandOut, SignOff, Rescue, TakeBack, Match, Promote, Expire, Prune, OpenGates, SettleUnknown, Pass, Drift,
}

/// <param name="Chance">From which all that it leaves open is drawn.</param>
/// <param name="Joined">It comes together with the next one, in one group.</param>
/// <param name="Lost">It is done, but who asked for it does not learn that, and asks again.</param>
internal readonly record struct Step(Act Act, int Chance, bool Joined, bool Lost)
{
    public override string ToString() => $"{Act}{(Lost ? " (answer lost)" : "")}{(Joined ? " +" : "")}";
}

/// <summary>What does not change in a story.</summary>
/// <param name="Nodes">How many there are.</param>
/// <param name="Room">What the queue takes; null: no bound.</param>
/// <param name="Budget">In billionths of a US dollar; null: nobody counts.</param>
/// <param name="Running">How many jobs of a tenant with limits may run.</param>
/// <param name="Cluster">How many jobs may run on all nodes; null: no bound.</param>
/// <param name="Pull">They are pull workers, under leases of their own.</param>
internal sealed record Terms(int Nodes, int? Room, long? Budget, int Running, int? Cluster, bool Pull);

/// <summary>One interleaving, made from one seed.</summary>
internal sealed record Story(int Seed, Terms Terms, IReadOnlyList<Step> Steps)
{
    // How often each comes: what begins and ends jobs most of all, for a story in which little is under way tells little.
    private static readonly (Act Act, int Weight)[] Weights =
    [
        (Act.Accept, 26), (Act.AcceptMany, 3), (Act.Claim, 15), (Act.ClaimWithLimits, 5), (Act.End, 9), (Act.Retry, 8), (Act.HandBack, 3), (Act.Facts, 3), (Act.Cancel, 5), (Act.Replay, 5),
        (Act.Renew, 4), (Act.Wake, 3), (Act.Die, 3), (Act.HandOut, 3), (Act.SignOff, 1), (Act.Rescue, 8), (Act.TakeBack, 1), (Act.Match, 2), (Act.Promote, 6), (Act.Expire, 4), (Act.Prune, 4), (Act.OpenGates, 1), (Act.SettleUnknown, 1), (Act.Pass, 14), (Act.Drift, 3),
    ];

    private static readonly Act[] Deck = [.. Weights.SelectMany(each => Enumerable.Repeat(each.Act, each.Weight))];

    public static Story Of(int seed)
    {
        var chance = new Random(seed);
        var terms = new Terms(chance.Next(2, 5), chance.Next(3) == 0 ? chance.Next(3, 7) : null, chance.Next(2) == 0 ? chance.Next(10, 40) * Spec.Price : null, chance.Next(1, 4), chance.Next(4) == 0 ? chance.Next(1, 4) : null, chance.Next(4) == 0);
        var steps = Enumerable.Range(0, chance.Next(25, 56)).Select(_ => new Step(Deck[chance.Next(Deck.Length)], chance.Next(), chance.Next(4) == 0, chance.Next(12) == 0)).ToList();
        return new Story(seed, terms, steps);
    }
}
