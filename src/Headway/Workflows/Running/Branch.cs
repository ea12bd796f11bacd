using System.Diagnostics.CodeAnalysis;

namespace Headway.Workflows.Running;

/// <summary>A part of a workflow that may be given up by itself: one runner of a race, one item of many. Names within it are its own.</summary>
/// <param name="prefix">Before every name in it.</param>
/// <param name="within">The branch that it is a part of; null: it is the whole.</param>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "A source without a timer and without a handle holds nothing.")]
internal sealed class Branch(string prefix, Branch? within = null)
{
    // Not linked to that of the whole: whether it is given up must be known in the same turn, and who listens is told outside of it.
    private readonly CancellationTokenSource _given = new();

    public string Prefix => prefix;

    public bool IsGivenUp => _given.IsCancellationRequested || within?.IsGivenUp == true;

    /// <summary>Stops what runs in it, and in the branches that it is a part of.</summary>
    public IEnumerable<CancellationToken> GivenUp
    {
        get
        {
            for (var branch = this; branch is not null; branch = branch.Within) yield return branch._given.Token;
        }
    }

    private Branch? Within => within;

    public void GiveUp() => _ = _given.CancelAsync();

    /// <summary>Whether it is this one or a part of it.</summary>
    public bool Holds(Branch other)
    {
        for (var branch = other; branch is not null; branch = branch.Within)
        {
            if (branch == this) return true;
        }
        return false;
    }
}
