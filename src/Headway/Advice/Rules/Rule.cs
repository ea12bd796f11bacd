using Headway.Features;

namespace Headway.Advice.Rules;

/// <summary>One row of the decision rule. The texts are the row of the table in docs/decision-rule.md, word for word.</summary>
internal abstract class Rule
{
    /// <summary>Its place in the order; the first that matches decides.</summary>
    public abstract int Number { get; }

    /// <summary>A few words to call it by.</summary>
    public abstract string Name { get; }
    public abstract string When { get; }
    public abstract string Mode { get; }
    public abstract string Why { get; }

    /// <summary>What breaks when a contract stays against it.</summary>
    public abstract string Otherwise { get; }

    public abstract Ruling Ask(Answers answers, Numbers numbers);

    // Work that must be carried on by itself is acknowledged at once, unless the fast case can be answered on the open call.
    protected static Mode AsyncUnlessWaiting(Answers answers) => answers.Caller is CallerHabit.Waits ? Features.Mode.Hybrid : Features.Mode.Async;
}

/// <summary>What one rule says of one contract.</summary>
internal abstract record Ruling
{
    public static readonly Ruling No = new Silent();

    /// <param name="Because">The facts that made it match.</param>
    /// <param name="Flips">The smallest change with which another rule would decide.</param>
    public sealed record Matches(Mode Mode, string Because, string Flips) : Ruling;

    /// <summary>It cannot tell for want of a number.</summary>
    /// <param name="Could">The modes it could have said.</param>
    public sealed record PassedOver(string Missing, params IReadOnlyList<Mode> Could) : Ruling;

    private sealed record Silent : Ruling;
}
