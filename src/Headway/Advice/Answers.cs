using Headway.Features;

namespace Headway.Advice;

/// <summary>What a contract answers to the questions of the decision rule.</summary>
internal sealed record Answers
{
    /// <summary>The mode the contract declares; what the rule is asked about.</summary>
    public required Mode Mode { get; init; }
    public CallerHabit? Caller { get; init; }
    public TimeSpan? AcceptableWait { get; init; }
    public OutputShape? Output { get; init; }
    public Harm Affects { get; init; }
    public Consumer? Consumer { get; init; }
    public InputShape Input { get; init; }

    /// <summary>Chained calls. Null: not said, and taken for one.</summary>
    public int? Steps { get; init; }
    public TimeSpan? Longest { get; init; }
    public bool Approval { get; init; }
    public Expectation? Expect { get; init; }
    public string? Because { get; init; }

    public static Answers Of(FeatureVersion version) => new()
    {
        Mode = version.Contract.Mode,
        Caller = version.Contract.Caller,
        AcceptableWait = version.Contract.AcceptableWaitOrDefault,
        Output = version.Contract.Output,
        Affects = version.Contract.Affects,
        Consumer = version.Contract.Consumer,
        Input = version.Contract.Input,
        Steps = version.Contract.Steps ?? (version.Handler as StepsDefinition)?.All.Count(),
        Longest = version.Contract.Longest,
        Approval = version.Contract.Approval || (version.Handler is StepsDefinition steps && steps.All.Any(step => step is SignalStep { IsApproval: true })),
        Expect = version.Contract.Expect,
        Because = version.Contract.Because,
    };
}
