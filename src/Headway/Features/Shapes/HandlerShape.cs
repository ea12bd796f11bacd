namespace Headway.Features.Shapes;

/// <summary>The forms of a handler.</summary>
internal static class HandlerShape
{
    public static readonly Listed AllowedData = new(new Choice<DataClass>(), atLeast: 1);

    public static readonly Keys Prompt = new("prompt-handler", "A prompt to a model.",
        new("prompt", Scalars.File, "A Handlebars template, relative to the feature file.") { Required = true },
        new("models", new Listed(Scalars.ModelName, atLeast: 1), "Names of models, in order of failover.") { Required = true },
        new("output", Scalars.File, "A JSON Schema the answer must satisfy."),
        new("citations", new OneOrMore("a path such as $.findings.*.quote, a list of paths, or true for $.citations.*", Scalars.PathOrTrue, new Listed(Scalars.ValuePath, atLeast: 1)),
            "Where in the answer texts stand that must occur in the input; checked before anything is delivered. true: in the list `citations`."),
        new("tools", new Listed(Scalars.ToolName, atLeast: 1), "What the model may call: names of tool servers, or NAME/TOOL for one of their tools."),
        new("toolRounds", Scalars.Whole(1, 64), "How often the model may call tools before it must answer. Default 8."),
        new("maxTokens", Scalars.Whole(1, 1_000_000), "The longest answer that is asked of the model, in tokens."),
        new("stream", new WordChoice("show", "hold"), "show: pieces as they come, and no other model takes over after the first. hold: nothing before the answer is whole, so that one can. Default show."));

    public static readonly Keys Group = new("group", "Calls put together for a service that is faster that way.",
        new("upTo", Scalars.Whole(2, 1024), "Calls in a group at most.") { Required = true },
        new("within", Scalars.TimerDuration, "How long the first of a group may wait for the others.") { Required = true });

    public static readonly Keys Http = new("http-handler", "An HTTP service: JSON in and JSON out, or server-sent events out.",
        new("http", Scalars.HttpUrl, "Where the input is posted.") { Required = true },
        new("group", Group, Group.Summary),
        new("headers", new Named(NameRule.Header, Scalars.Text), "Extra request headers; their variables are read when the service is called."),
        new("allowedData", AllowedData, "Data classes the service may see. Default public and internal, which personal and phi include."));

    public static readonly Keys Worker = new("worker-handler", "Pull workers: processes in any language that claim the jobs over HTTP.",
        new("worker", new WordChoice("pull"), "pull: workers come for the jobs. The word worker alone says the same.") { Required = true },
        new("output", Scalars.File, "A JSON Schema the result must satisfy."),
        new("allowedData", AllowedData, "Data classes the workers may see. Default public and internal, which personal and phi include."));

    public static readonly Keys Steps = new("steps-handler", "A workflow without code.",
        // The shapes of steps are made of those of handlers.
        new("steps", new Later(() => StepShape.Steps), "The steps in order, each a name and what it does.") { Required = true },
        new("result", Anything.Value, "What the job is answered with: any value, with templates in its texts. Default: the result of the last step."));

    public static readonly Variants Handler = new("handler", "a handler: prompt, http, worker, steps, or the word code or worker", new WordChoice("code", "worker"), Prompt, Http, Worker, Steps);
}
