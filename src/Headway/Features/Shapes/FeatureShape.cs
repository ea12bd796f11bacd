namespace Headway.Features.Shapes;

/// <summary>The keys of a feature, of its versions and of its contract.</summary>
internal static class FeatureShape
{
    public static readonly Keys Pool = new("pool", "The concurrency a feature version owns; no other can take it.",
        new("concurrency", Scalars.Whole(1, 10_000), "Attempts at once on each node. Default 16."),
        new("cluster", Scalars.Whole(1, 1_000_000), "Jobs of async and hybrid versions that run at once on all nodes together. Default: as many as the nodes have slots."),
        new("queue", Scalars.Whole(0, 100_000), "Sync and stream calls that may wait for a slot. Default 64."),
        new("queued", Scalars.Whole(1, 100_000_000), "Jobs that may be queued; more are refused. Default 1000000."));

    private static Keys RetryOf(string name, string summary) => new($"retry-{name}", summary,
        new("attempts", Scalars.Whole(1, 100), "Attempts that may fail in this way, the first included; 1: it is not tried again."),
        new("backoff", Scalars.DurationRange, "The first and the longest pause, growing exponentially."));

    private static readonly Keys Snooze = new("retry-snooze", "How often work may say that it cannot begin yet. Beyond it the job is a dead letter, `snoozed-out`.",
        new("times", Scalars.Whole(1, 100_000), "Snoozes of one job. Default 1000."),
        new("within", Scalars.Duration, "From its first snooze to the end of its last. Default 7d."));

    public static readonly Keys Retry = new("retry", "When a failed attempt is tried again. Async, hybrid and batch only. Said without a class it holds for each that has no line of its own, and these are counted together; where nothing is said, each class has its own default.",
        new("attempts", Scalars.Whole(1, 100), "Attempts that may fail, the first included. Default: by class."),
        new("backoff", Scalars.DurationRange, "The first and the longest pause, growing exponentially. Default: by class, 1s..5m beside `attempts`."),
        new("strongerFrom", Scalars.Whole(2, 100), "The attempt that starts at the second model; the next one at the third, and so on. Attempts that met a limit do not count."),
        new("rateLimited", RetryOf("rate-limited", "A limit of the model or service, or of our own, is used up. Default 20 attempts, 5s..5m."), "A limit of the model or service, or of our own, is used up. Default 20 attempts, 5s..5m."),
        new("unavailable", RetryOf("unavailable", "The model or service is down, or broke off. Default 12 attempts, 2s..5m."), "The model or service is down, or broke off. Default 12 attempts, 2s..5m."),
        new("timeout", RetryOf("timeout", "It did not answer in time. Default 3 attempts, 5s..1m."), "It did not answer in time. Default 3 attempts, 5s..1m."),
        new("invalidOutput", RetryOf("invalid-output", "What it answered is not valid. Default 3 attempts, 1s..30s."), "What it answered is not valid. Default 3 attempts, 1s..30s."),
        new("bug", RetryOf("bug", "Code of the host threw an exception. Default 3 attempts, 1s..1m."), "Code of the host threw an exception. Default 3 attempts, 1s..1m."),
        new("snooze", Snooze, Snooze.Summary));

    private static readonly Keys RetentionKeys = new("retention-each", "How long each thing is kept after a job ended.",
        new("payload", Scalars.DurationOrKeep, "Inputs and results. Default 30d."),
        new("record", Scalars.DurationOrKeep, "The job itself. Default 30d."),
        new("dead", Scalars.DurationOrKeep, "Dead letters. Default keep."));

    public static readonly Variants Retention = new("retention", "one duration for all but dead letters, or a mapping with payload, record, dead",
        Scalars.DurationOrKeep, RetentionKeys);

    private static readonly Keys Expect = new("expect", "What the work is believed to take, until it is measured.",
        new("firstToken", Scalars.Duration, "Until the first token."),
        new("p95", Scalars.Duration, "95 of 100 are faster."),
        new("p99", Scalars.Duration, "99 of 100 are faster."));

    public static readonly Keys Contract = new("contract", "What the caller is promised, and the answers from which the decision rule judges it.",
        new("mode", new Choice<Mode>(), "How the answer reaches the caller."),
        new("wait", Scalars.TimerDurationOrZero, "Hybrid: how long a call is held open before it is answered 202. Default: acceptableWait, else 2s."),
        new("deliverWithin", Scalars.Duration, "How late the result may be, counted from acceptance."),
        new("resumeFor", Scalars.TimerDurationOrZero, "Stream: how long a broken stream waits for its reader to come back. Default 30s."),
        new("caller", new Choice<CallerHabit>(), "Is the user's next action blocked on the output?"),
        new("audience", new Choice<Audience>(), "Gives acceptableWait its default: consumer 2s, clinician 2.5s, back-office 5s."),
        new("acceptableWait", Scalars.TimerDuration, "How long may they wait? The rule compares against it."),
        new("output", new Choice<OutputShape>(), "Must the whole be valid before any of it is used?"),
        new("affects", new Choice<Harm>(), "What does a wrong or missing output harm? Default nothing."),
        new("consumer", new Choice<Consumer>(), "Who consumes it? gate: the transaction itself waits for this yes or no."),
        new("data", new Choice<DataClass>(), "What must be audited, encrypted and expired? Default: that of `defaults`, else internal."),
        new("traffic", new Choice<Traffic>(), "Would sync provision for the peak?"),
        new("input", new Choice<InputShape>(), "One thing, or a set on a schedule? Default one."),
        new("steps", Scalars.Whole(1, 100_000), "How many chained calls the work makes."),
        new("longest", Scalars.Duration, "How long the work takes at worst."),
        new("approval", Scalars.Flag, "Does a person approve before it ends? Default false."),
        new("expect", Expect, Expect.Summary),
        new("because", Scalars.Text, "Why the team keeps a mode against the rule."));

    private static readonly Variants Channel = new("delivery-channel", "a channel: poll, or endpoint: NAME", new WordChoice("poll"),
        new Keys("endpoint-channel", "A named endpoint.", new Key("endpoint", Scalars.EndpointName, "The endpoint's name.") { Required = true }));

    private static readonly IReadOnlyList<Key> VersionKeys =
    [
        new("summary", Scalars.Text, "What it does, for people."),
        new("contract", Contract, Contract.Summary),
        new("handler", HandlerShape.Handler, "What does the work. It does not know the mode."),
        new("route", Scalars.Route, "A path of its own, such as /v1/generate."),
        new("deprecated", Scalars.Date, "From this day callers are told that it will go."),
        new("sunset", Scalars.Date, "The day on which it goes."),
        new("timeout", Scalars.TimerDuration, "The hard limit of one attempt. Default: 1.5 x acceptableWait for sync, 60s for stream, 5m for the others."),
        new("pool", Pool, Pool.Summary),
        new("cache", new Keys("cache", "Answers that are given again: to the same tenant, subject, version and normalised input, in every mode but batch. Data of any class, phi too, is kept only where this is said, sealed as its job's result.",
            new Key("for", Scalars.Duration, "How long an answer is given again, counted from when it was made; never longer than retention keeps it. Errors and answers that are not whole never are.") { Required = true }), "Gives an answer again to an equal input. Default: every call is carried out."),
        new("retry", Retry, Retry.Summary),
        new("delivery", new Listed(Channel, atLeast: 1), "Required channels for the result; others are optional. Default [poll]."),
        new("retention", Retention, RetentionKeys.Summary),
        new("fallback", new WordChoice("none"), "none: one model is meant."),
        new("metadata", new Listed(Scalars.Text), "Metadata keys that may be searched; the rest is sealed."),
        new("maxInput", Scalars.Size, "The largest input. Default 32MiB."),
        new("input", Scalars.File, "A JSON Schema the input must satisfy."),
    ];

    private static readonly Keys Version = new("version", "One version of a feature. It may override anything of its feature.", VersionKeys);

    public static readonly Keys Feature = new("feature", "A named AI capability. What stands here holds for every version that does not override it.",
        [.. VersionKeys, new("budget", BudgetShape.Budget, BudgetShape.Budget.Summary), new("versions", new Named(NameRule.Version, Version), "Contracts side by side while consumers move; without it there is one version, 1.")]);
}
