namespace Headway.Handlers.Http;

/// <summary>What a service said to a group: one failure of the whole, or something for each member.</summary>
/// <param name="Members">Who was in the request, in its order.</param>
internal sealed record GroupAnswer(IReadOnlyList<GroupMember> Members)
{
    /// <summary>In the order of the members; empty if the whole failed.</summary>
    public IReadOnlyList<Outcome> Each { get; init; } = [];

    public Failure? Whole { get; init; }

    /// <summary>Whether the failure of the whole may be that of one member's input: then each deserves a request of its own.</summary>
    public bool MayBeOfOne { get; init; }

    /// <summary>A group counts once for the circuit: as failed if the whole failed, or nobody in it got what a living service says.</summary>
    public Outcome ForBreaker => Whole is { } failure ? new Outcome.Failed(failure) : Each.FirstOrDefault(one => !HttpUpstream.CountsAgainst(one)) ?? Each[0];

    public static GroupAnswer Failed(IReadOnlyList<GroupMember> members, Failure failure, bool mayBeOfOne = false) =>
        new(members) { Whole = failure, MayBeOfOne = mayBeOfOne || failure.Code == ResultSize.Code };

    /// <summary>Ends the members. False: they are to be tried one by one.</summary>
    public bool TryEnd()
    {
        if (MayBeOfOne && Members.Count > 1) return false;
        for (var index = 0; index < Members.Count; index++) Members[index].EndWith(Whole is { } failure ? new Outcome.Failed(failure) : Each[index]);
        return true;
    }
}
