using Headway.Advice.Rules;
using Headway.Features;

namespace Headway.Advice;

/// <summary>What the decision rule says of a contract.</summary>
internal sealed record Verdict
{
    public required Fit Fit { get; init; }
    public required Rule Rule { get; init; }

    /// <summary>The mode of the rule that matched.</summary>
    public required Mode Recommended { get; init; }

    /// <summary>The reason with the numbers used; what breaks if nothing changes; what number is missing.</summary>
    public required string Why { get; init; }

    /// <summary>The smallest change that would flip it.</summary>
    public required string Flips { get; init; }

    /// <summary>The team's reason for a mode against the rule. Shown wherever the verdict is.</summary>
    public string? Because { get; init; }

    /// <summary>A promise that breaks and that nobody has answered for.</summary>
    public bool FailsCheck => Fit is Fit.Breaks && Because is null;
}

/// <summary>Unproven: a number is missing that could change the mode. It never fails a check.</summary>
internal enum Fit { Fits, Breaks, Unproven }
