using System.Text;
using System.Text.Json.Nodes;
using Headway.Features;
using Headway.Features.Schemas;
using Headway.Features.Templates;
using Headway.Handlers.Prompt.Citations;
using Headway.Handlers.Prompt.Tools;
using Headway.Models;

namespace Headway.Handlers.Prompt;

/// <summary>Fills a template with the input and asks a chain of models.</summary>
internal sealed class PromptHandler : Handler
{
    private readonly PromptDefinition _definition;
    private readonly ModelCatalog _catalog;
    private readonly ModelChain _chain;
    private readonly ToolRounds? _rounds;
    private readonly PromptTemplate? _template;
    private readonly ValueSchema? _schema;
    private readonly JsonObject? _format;
    private readonly IReadOnlyList<ValuePath> _citations;
    private readonly Failure? _unusable;

    public PromptHandler(FeatureVersion version, PromptDefinition definition, ModelCatalog catalog, ToolServers tools)
    {
        _definition = definition;
        _catalog = catalog;
        _chain = new ModelChain(catalog, definition.Models);
        _rounds = definition.Tools.Count == 0 ? null : new ToolRounds(definition, _chain, tools);
        _citations = [.. definition.Citations.Select(path => ValuePath.TryParse(path, out var read) ? read : null).OfType<ValuePath>()];
        if (!PromptTemplate.TryParse(definition.Template, out _template, out var problem))
            _unusable = PromptFailures.Template(definition, problem!);
        try
        {
            _schema = definition.OutputSchema is { } text ? ValueSchema.Parse(text) : null;
            _format = _schema is null ? null : ResponseFormat.Of(_schema, version.Feature);
        }
        catch (FormatException unsound)
        {
            _unusable ??= PromptFailures.Schema(definition.OutputSchemaFile, unsound);
        }
    }

    /// <inheritdoc/>
    public override async Task<Outcome> RunAsync(Attempt attempt, CancellationToken stop)
    {
        if (_unusable is not null)
            return new Outcome.Failed(_unusable);

        // 1. Fill the template.
        using var input = attempt.Input.Parse();
        if (_template!.Render(input.RootElement, out var problem) is not { } prompt)
            return new Outcome.Failed(PromptFailures.Template(_definition, problem!));

        // 2. Make the request, files included.
        var (content, unreadable) = await FileParts.ContentAsync(prompt.User, attempt.Input.Files, stop).ConfigureAwait(false);
        if (unreadable is not null)
            return new Outcome.Failed(unreadable);
        var request = Request(attempt, prompt.System, content!);
        var cited = _citations.Count == 0 ? null : await CitedInput.OfAsync(input.RootElement, attempt.Input.Files, stop).ConfigureAwait(false);
        if (cited is { IsTooLong: true })
            return new Outcome.Failed(PromptFailures.TooLongToCite(attempt.Feature.FullName));

        // 3. Ask. Prose is shown as it comes; a value only after it is found valid, by whoever called this.
        var check = cited is null ? null : new CitationCheck(_citations, cited);
        var terms = Terms.Of(attempt, _schema is null, (model, said) => Judge(model, said, check));
        var reply = await (_rounds is null ? _chain.AskAsync(request, terms, stop) : _rounds.AskAsync(attempt, request, terms, stop)).ConfigureAwait(false);
        if (reply.Failure is { } failure)
            return new Outcome.Failed(failure);

        var answer = reply.Answer!;
        var result = _schema is null ? new Result(Encoding.UTF8.GetBytes(answer.Text), Result.Prose) : new Result(JsonAnswers.Of(answer.Text), Result.Json);
        return new Outcome.Done(result with { Model = answer.Model, IsGivenOnce = !answer.IsWhole });
    }

    private ModelRequest Request(Attempt attempt, string? system, JsonNode content)
    {
        var turns = new JsonArray();
        if (system is not null)
            turns.Add(new JsonObject { ["role"] = "system", ["content"] = system });
        turns.Add(new JsonObject { ["role"] = "user", ["content"] = content });
        var body = new JsonObject { ["messages"] = turns };
        if (_format is not null)
            body["response_format"] = _format.DeepClone();
        return new ModelRequest
        {
            Body = body,
            Input = attempt.Input.Json,
            Schema = _schema,
            Citations = _citations,
            MaxTokens = _definition.MaxTokens,
            Attempt = attempt.Number,
            Labels = PromptHandlers.LabelsOf(attempt),
        };
    }

    private ModelFault? Judge(ModelDefinition model, ModelAnswer answer, CitationCheck? citations)
    {
        if (answer.Truncated)
            return Faults.Truncated(model, _definition.MaxTokens);
        // A call of a tool is no answer, and nobody waits for its result here.
        if (answer.ToolCalls is not null && answer.Text.Length == 0)
            return Faults.Empty(model);
        if (_schema is null)
            return null;
        return JsonAnswers.Judge(model, _schema, answer.Text) ?? citations?.Judge(model, JsonAnswers.Of(answer.Text), answer.Text);
    }
}
