namespace Headway.Features;

/// <summary>What the caller of a feature is promised, and the answers from which the decision rule judges it (design: the decision rule).</summary>
internal sealed record Contract
{
    public required Mode Mode { get; init; }

    /// <summary>How long a hybrid call may be held open before it is answered 202. Set for hybrid only.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>How late the result may be, counted from acceptance. Reconciliation measures against it.</summary>
    public TimeSpan? DeliverWithin { get; init; }

    /// <summary>How long a broken stream waits for its reader to come back.</summary>
    public TimeSpan ResumeFor { get; init; } = TimeSpan.FromSeconds(30);

    public CallerHabit? Caller { get; init; }
    public Audience? Audience { get; init; }

    /// <summary>As declared; the audience gives the default, see <see cref="AcceptableWaitOrDefault"/>.</summary>
    public TimeSpan? AcceptableWait { get; init; }

    public OutputShape? Output { get; init; }
    public Harm Affects { get; init; } = Harm.Nothing;
    public Consumer? Consumer { get; init; }
    public DataClass Data { get; init; } = DataClass.Internal;
    public Traffic? Traffic { get; init; }
    public InputShape Input { get; init; } = InputShape.One;

    /// <summary>How many chained calls the work makes.</summary>
    public int? Steps { get; init; }

    /// <summary>How long the work takes at worst.</summary>
    public TimeSpan? Longest { get; init; }

    /// <summary>Whether a person approves before the work ends.</summary>
    public bool Approval { get; init; }

    public Expectation? Expect { get; init; }

    /// <summary>Why the team keeps a mode against the rule.</summary>
    public string? Because { get; init; }

    public TimeSpan? AcceptableWaitOrDefault => AcceptableWait ?? Audience switch
    {
        Features.Audience.Consumer => TimeSpan.FromSeconds(2),
        Features.Audience.Clinician => TimeSpan.FromSeconds(2.5),
        Features.Audience.BackOffice => TimeSpan.FromSeconds(5),
        _ => null,
    };

    /// <summary>Personal and phi data is audited before the handler sees it, not after.</summary>
    public bool IsSensitive => Data is DataClass.Personal or DataClass.Phi;
}

/// <summary>What the work is believed to take, until it is measured.</summary>
internal sealed record Expectation
{
    public TimeSpan? FirstToken { get; init; }
    public TimeSpan? P95 { get; init; }
    public TimeSpan? P99 { get; init; }
}

/// <summary>How the answer reaches the caller.</summary>
internal enum Mode { Sync, Stream, Async, Hybrid, Batch }

internal enum CallerHabit { Waits, Converses, Leaves }

internal enum Audience { Consumer, Clinician, BackOffice }

internal enum OutputShape { Structured, Prose }

internal enum Harm { Nothing, Clinical, Financial, Legal, Compliance }

internal enum Consumer { OwnUi, Person, Service, Gate }

/// <summary>What must be audited, encrypted and expired. Ordered: a later class is more sensitive.</summary>
internal enum DataClass { Public, Internal, Personal, Phi }

internal enum Traffic { Steady, Bursty }

internal enum InputShape { One, Dataset }
