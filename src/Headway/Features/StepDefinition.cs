namespace Headway.Features;

/// <summary>One step of a workflow that the feature file writes.</summary>
internal abstract record StepDefinition
{
    /// <summary>As later steps call it.</summary>
    public required string Name { get; init; }

    /// <summary>As the journal knows it: the names of the steps it lies in, and its own. `checks/legal`.</summary>
    public required string Path { get; init; }

    /// <summary>Where the file declares it.</summary>
    public Place Place { get; init; }

    /// <summary>This step and all that lie in it.</summary>
    public IEnumerable<StepDefinition> Whole() => Inner().SelectMany(step => step.Whole()).Prepend(this);

    protected virtual IEnumerable<StepDefinition> Inner() => [];
}

/// <summary>Work: a prompt, an HTTP service, or a job of another feature; once, or for each item of a list.</summary>
internal sealed record WorkStep : StepDefinition
{
    public const int UsualConcurrency = 8;

    /// <summary>A prompt or an HTTP service; null: a job of <see cref="Feature"/>.</summary>
    public HandlerDefinition? Handler { get; init; }

    public string? Feature { get; init; }

    /// <summary>A template that names the list; null: the work is done once.</summary>
    public string? Each { get; init; }

    /// <summary>Items at once.</summary>
    public int Concurrency { get; init; } = UsualConcurrency;

    /// <summary>What the work is given, as JSON with templates in its texts; null: what is usual for its kind.</summary>
    public string? Input { get; init; }

    /// <summary>The files of the job's input are given with it.</summary>
    public bool Files { get; init; }
}

/// <summary>Waits for what somebody sends under a name.</summary>
internal sealed record SignalStep : StepDefinition
{
    public required string Signal { get; init; }

    /// <summary>A person's decision, which may be no.</summary>
    public bool IsApproval { get; init; }

    /// <summary>Null: for as long as the job lives.</summary>
    public TimeSpan? Within { get; init; }

    public Absence Otherwise { get; init; }

    /// <summary>What is done instead (<see cref="Absence.Steps"/>).</summary>
    public IReadOnlyList<StepDefinition> Instead { get; init; } = [];

    protected override IEnumerable<StepDefinition> Inner() => Instead;
}

/// <summary>What follows when a signal does not come, or an approval is not granted.</summary>
internal enum Absence { DeadLetter, Continue, Steps }

/// <summary>Waits for a time.</summary>
internal sealed record DelayStep : StepDefinition
{
    public required TimeSpan Delay { get; init; }
}

/// <summary>Branches side by side: all of them, or the first.</summary>
internal sealed record BranchesStep : StepDefinition
{
    public bool IsRace { get; init; }

    public required IReadOnlyList<BranchDefinition> Branches { get; init; }

    protected override IEnumerable<StepDefinition> Inner() => Branches.SelectMany(branch => branch.Steps);
}

/// <summary>A branch of a step, by the name that the file gives it.</summary>
internal sealed record BranchDefinition(string Name, IReadOnlyList<StepDefinition> Steps);

/// <summary>Goes one way or the other.</summary>
internal sealed record WhenStep : StepDefinition
{
    /// <summary>A template for the value that is looked at.</summary>
    public required string When { get; init; }

    /// <summary>It holds for these values, as they print. Empty: for any but nothing, false, 0, an empty text and an empty list.</summary>
    public IReadOnlyList<string> Is { get; init; } = [];

    /// <summary>It holds for numbers above this.</summary>
    public decimal? Above { get; init; }

    /// <summary>It holds for numbers below this.</summary>
    public decimal? Below { get; init; }

    public required IReadOnlyList<StepDefinition> Then { get; init; }

    public IReadOnlyList<StepDefinition> Otherwise { get; init; } = [];

    protected override IEnumerable<StepDefinition> Inner() => Then.Concat(Otherwise);
}
