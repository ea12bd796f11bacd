namespace Headway.Features.Shapes;

/// <summary>The steps of a workflow without code.</summary>
internal static class StepShape
{
    // What a step of any kind of work may say besides.
    private static readonly IReadOnlyList<Key> OfWork =
    [
        new("each", Scalars.Text, "A template that names a list: the work is done for each of its items, which is `item` then; the result is the list of the results."),
        new("concurrency", Scalars.Whole(1, 1024), "Items at once. Default 8."),
        new("input", Anything.Value, "What the work is given: any value, with templates in its texts. Default: the item, or the input of the job; a prompt sees both, and the results of earlier steps."),
    ];

    private static readonly Key Files = new("files", Scalars.Flag, "Whether the files of the job's input are given with it. Default false.");

    // Nobody watches a step, so there is nothing to show or to hold back.
    public static readonly Keys Prompt = new("prompt-step", "A prompt to a model.",
        [.. HandlerShape.Prompt.All.Where(key => key.Name != "stream"), .. OfWork, Files]);

    public static readonly Keys Http = new("http-step", "A call of an HTTP service.",
        [.. HandlerShape.Http.All, .. OfWork, Files]);

    public static readonly Keys Call = new("feature-step", "A job of another async or hybrid feature, and its answer.",
        [new Key("feature", Scalars.FeatureName, "The feature to call.") { Required = true }, .. OfWork]);

    private static readonly Shape Many = new Later(() => Steps!);

    private static readonly Key Within = new("within", Scalars.Duration, "How long it may take. Default: as long as the job lives.");

    private static readonly Shape Otherwise = new OneOrMore("dead-letter, continue, or a list of steps", new WordChoice("dead-letter", "continue"), new Listed(new Later(() => Named!), atLeast: 1));

    public static readonly Keys Signal = new("signal-step", "Waits for what somebody sends under a name; its body is the result.",
        new("signal", Scalars.Text, "The signal's name.") { Required = true },
        Within,
        new("otherwise", Otherwise, "What follows when it does not come in time. Default dead-letter."));

    public static readonly Keys Approval = new("approval-step", "Waits for a person's decision, sent as a signal: granted, reason, by, at.",
        new("approval", Scalars.Text, "The signal's name.") { Required = true },
        Within,
        new("otherwise", Otherwise, "What follows when it is not granted, or does not come in time. Default dead-letter."));

    public static readonly Keys Delay = new("delay-step", "Waits, and holds nothing meanwhile.",
        new Key("delay", Scalars.Duration, "How long.") { Required = true });

    private static readonly Named Branches = new(NameRule.Other,
        new OneOrList("a step, or a list of steps", new Later(() => Step!), new Listed(new Later(() => Named!), atLeast: 1)));

    public static readonly Keys Parallel = new("parallel-step", "Branches side by side, all of them.",
        new Key("parallel", Branches, "The branches by name; the result has that of each under its name.") { Required = true });

    public static readonly Keys Race = new("race-step", "Branches side by side, of which the first that succeeds counts; the others are cancelled.",
        new Key("race", Branches, "The branches by name; the result is `won`, the name of the first, and `value`, its result.") { Required = true });

    public static readonly Keys When = new("when-step", "Goes one way or the other.",
        new("when", Scalars.Text, "A template for a value: it holds unless that is missing, null, false, 0, or empty.") { Required = true },
        new("is", new OneOrMore("a value, or a list of values", new ValueScalar(), new Listed(new ValueScalar(), atLeast: 1)), "It holds if the value is this, or one of these."),
        new("above", Scalars.Number, "It holds if the value is a number above this."),
        new("below", Scalars.Number, "It holds if the value is a number below this."),
        new("then", Many, "The steps if it holds.") { Required = true },
        new("otherwise", Many, "The steps if it does not. Default none."));

    public static readonly Variants Step = new("step", "a step: prompt, http, feature, signal, approval, delay, parallel, race or when", null,
        Prompt, Http, Call, Signal, Approval, Delay, Parallel, Race, When);

    public static readonly Named Named = new(NameRule.Other, Step);

    public static readonly Listed Steps = new(Named, atLeast: 1);
}
