namespace Headway.Features;

/// <summary>What the feature file says about who does the work. A handler does not know the mode.</summary>
internal abstract record HandlerDefinition
{
    /// <summary>Why its answers may not be given to another call with the same input, as the end of a sentence; null: they may.</summary>
    public virtual string? WhyNotCached => null;
}

/// <summary>A prompt to a model: a Handlebars template, a chain of models, and optionally the schema its output must satisfy.</summary>
internal sealed record PromptDefinition : HandlerDefinition
{
    /// <summary>Where the template was read, for error messages.</summary>
    public required string TemplateFile { get; init; }

    /// <summary>The template's text, so that a job under way never sees an edit.</summary>
    public required string Template { get; init; }

    /// <summary>Names of models, in order of failover.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    public string? OutputSchemaFile { get; init; }

    /// <summary>JSON Schema text.</summary>
    public string? OutputSchema { get; init; }

    /// <summary>Paths in the output whose texts must occur in the input.</summary>
    public IReadOnlyList<string> Citations { get; init; } = [];

    public const int UsualToolRounds = 8;

    /// <summary>What the model may call: tool servers, or single tools of them, as <see cref="ToolName"/> reads them.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>How often the model may call tools before it must answer.</summary>
    public int ToolRounds { get; init; } = UsualToolRounds;

    /// <summary>The longest answer that is asked of the model, in tokens.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Nothing is shown before the answer is whole, so that another model can take over until then.</summary>
    public bool Hold { get; init; }

    /// <inheritdoc/>
    public override string? WhyNotCached => Tools.Count > 0 ? "its tools tell what the input does not name" : null;
}

/// <summary>An HTTP service: JSON in and JSON out, or SSE out.</summary>
internal sealed record HttpDefinition : HandlerDefinition
{
    public required Uri Url { get; init; }
    public IReadOnlySet<DataClass> AllowedData { get; init; } = ModelDefinition.DefaultAllowedData;

    /// <summary>Calls put together for a service that is faster that way.</summary>
    public GroupOptions? Group { get; init; }

    /// <summary>Extra request headers, after environment substitution of names only: values stay `${NAME}` here and are read when called.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}

/// <summary>At most <paramref name="UpTo"/> calls in a group, the first of which waits at most <paramref name="Within"/> for the others.</summary>
internal sealed record GroupOptions(int UpTo, TimeSpan Within);

/// <summary>C# code in the host, found by the feature's name.</summary>
internal sealed record CodeDefinition : HandlerDefinition;

/// <summary>Pull workers: processes in any language that claim the jobs over HTTP.</summary>
internal sealed record WorkerDefinition : HandlerDefinition
{
    public IReadOnlySet<DataClass> AllowedData { get; init; } = ModelDefinition.DefaultAllowedData;

    public string? OutputSchemaFile { get; init; }

    /// <summary>JSON Schema text.</summary>
    public string? OutputSchema { get; init; }
}

/// <summary>A model exposed under its own name: the input is a chat completion request body, or any JSON as a user turn.</summary>
internal sealed record ModelHandlerDefinition(string Model) : HandlerDefinition;

/// <summary>A workflow without code: its steps, in their order.</summary>
internal sealed record StepsDefinition : HandlerDefinition
{
    public required IReadOnlyList<StepDefinition> Steps { get; init; }

    /// <summary>What the job is answered with, as JSON with templates in its texts; null: the result of the last step.</summary>
    public string? Result { get; init; }

    public override string WhyNotCached => "a workflow waits for people and signals, which the input does not name";

    /// <summary>Every step, also those within others.</summary>
    public IEnumerable<StepDefinition> All => Steps.SelectMany(step => step.Whole());

    public IEnumerable<PromptDefinition> Prompts => Works.Select(step => step.Handler).OfType<PromptDefinition>();

    public IReadOnlyList<string> Models => [.. Prompts.SelectMany(prompt => prompt.Models).Distinct()];

    public IReadOnlyList<string> Features => [.. Works.Select(step => step.Feature).OfType<string>().Distinct()];

    public IReadOnlyList<HttpDefinition> Services => [.. Works.Select(step => step.Handler).OfType<HttpDefinition>()];

    private IEnumerable<WorkStep> Works => All.OfType<WorkStep>();
}
