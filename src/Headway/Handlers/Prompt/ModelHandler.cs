using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.Features;
using Headway.Features.Schemas;
using Headway.Models;
using Headway.Payloads.Files;

namespace Headway.Handlers.Prompt;

/// <summary>A model under its own name: the input is the body of a chat completion, or any JSON as one turn of the user. A model that makes embeddings takes theirs.</summary>
internal sealed class ModelHandler(string model, ModelCatalog catalog, KeptFiles? kept) : Handler
{
    private readonly ModelChain _chain = new(catalog, [model]);

    /// <inheritdoc/>
    public override async Task<Outcome> RunAsync(Attempt attempt, CancellationToken stop)
    {
        if (!TryRead(attempt.Input, out var input))
            return new Outcome.Failed(PromptFailures.Twice());
        // Looked up for each call, as the chain does: what it is may have been changed in the file.
        if (catalog.Find(model) is { } definition)
        {
            if (EmbeddingRequests.Refuse(definition, attempt, input) is { } wrong)
                return new Outcome.Failed(wrong);
            if (definition.Kind is ModelKind.Embedding)
                return Ended(await _chain.AskAsync(EmbeddingRequests.Of(attempt, input), Terms.Of(attempt, shows: false), stop).ConfigureAwait(false), shaped: true);
        }

        if (input is JsonObject naming && await KeptInputs.PutInAsync(attempt, naming, kept, stop).ConfigureAwait(false) is { } unknown)
            return new Outcome.Failed(unknown);
        if (input is JsonObject asked && AskedSize.Settle(asked, attempt.Budget) is { } uncountable)
            return new Outcome.Failed(uncountable);
        if (attempt.Input.IsByWire)
            return await PassAsync(attempt, (JsonObject)input!, stop).ConfigureAwait(false);

        ValueSchema? schema;
        var body = await BodyAsync(attempt, input, stop).ConfigureAwait(false);
        if (body.Failure is not null)
            return new Outcome.Failed(body.Failure);
        try
        {
            schema = SchemaOf(body.Chat!);
        }
        catch (Exception unsound) when (unsound is FormatException or InvalidOperationException)
        {
            return new Outcome.Failed(PromptFailures.Schema("response_format", unsound));
        }

        var request = new ModelRequest
        {
            Body = body.Chat!,
            Input = attempt.Input.Json,
            Schema = schema,
            // As its caller asks: there is no next model that a late first token could be answered by, and pieces cost more than the whole.
            Stream = body.Chat!["stream"]?.GetValueKind() is JsonValueKind.True,
            Attempt = attempt.Number,
            Labels = PromptHandlers.LabelsOf(attempt),
        };
        var reply = await _chain.AskAsync(request, Terms.Of(attempt, schema is null, (asked, answer) =>
            schema is null || answer.ToolCalls is not null || answer.Refusal is not null ? null
            : answer.Truncated ? Faults.Truncated(asked, request.MaxTokens) : JsonAnswers.Judge(asked, schema, answer.Text)), stop).ConfigureAwait(false);
        return Ended(reply, schema is not null);
    }

    /// <summary>For a caller who speaks the OpenAI API: what the model says is the answer, and is judged by who asked.</summary>
    private async Task<Outcome> PassAsync(Attempt attempt, JsonObject chat, CancellationToken stop)
    {
        var request = new ModelRequest
        {
            Body = chat,
            Input = attempt.Input.Json,
            Stream = chat["stream"]?.GetValueKind() is JsonValueKind.True,
            KeepsWire = true,
            Attempt = attempt.Number,
            Labels = PromptHandlers.LabelsOf(attempt),
        };
        var terms = Terms.ByWire(attempt);
        var shortening = attempt.Input.MayShorten ? Shortening.Of(chat) : null;
        // The answer needs its place, too. What the model is said to take may be wrong, and often nobody says it: then its own word counts.
        if (catalog.Find(model)?.ContextTokens is { } most)
            shortening?.FitInto(most - (request.MaxTokens ?? 0));
        var reply = await _chain.AskAsync(request, terms, stop).ConfigureAwait(false);
        for (var refusals = 1; refusals <= Shortening.MostRefusals && reply.Failure?.Code == Faults.ContextLengthCode && !terms.Shown() && shortening?.Halve(all: refusals == Shortening.MostRefusals) is true; refusals++)
            reply = await _chain.AskAsync(request, terms, stop).ConfigureAwait(false);
        return Ended(reply, shaped: false);
    }

    // Of a member that is there twice each reader takes another. What came by wire was looked at when it came.
    private static bool TryRead(JobInput asked, out JsonNode? input)
    {
        try
        {
            input = JsonNode.Parse(asked.Json.Span, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = asked.IsByWire });
            return true;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            input = null;
            return false;
        }
    }

    private static Outcome Ended(ChainReply reply, bool shaped) => reply.Failure is { } failure
        ? new Outcome.Failed(failure)
        : new Outcome.Done(ResultOf(reply.Answer!, shaped));

    /// <summary>The shape that the caller asks for, in either of the two ways of the OpenAI API.</summary>
    private static ValueSchema? SchemaOf(JsonObject chat)
    {
        if (chat["response_format"] is not JsonObject format)
            return null;
        if (format["json_schema"]?["schema"] is JsonObject shape)
            return ValueSchema.Parse(shape.ToJsonString());
        return format["type"]?.ToString() == "json_object" ? ValueSchema.Parse("""{"type":"object"}""") : null;
    }

    private static async ValueTask<(JsonObject? Chat, Failure? Failure)> BodyAsync(Attempt attempt, JsonNode? input, CancellationToken stop)
    {
        if (input is JsonObject chat && chat["messages"] is JsonArray)
            return (chat, chat["n"]?.ToString() is null or "1" ? null : PromptFailures.Choices());
        var text = attempt.Input.Files.Count > 0 && input is JsonObject { Count: 0 } ? "" : input is JsonValue value && value.TryGetValue<string>(out var said) ? said : input?.ToJsonString() ?? "";
        var (content, failure) = await FileParts.ContentAsync(text, attempt.Input.Files, stop).ConfigureAwait(false);
        return (new JsonObject { ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = content }) }, failure);
    }

    private static Result ResultOf(ModelAnswer answer, bool shaped)
    {
        var result = answer switch
        {
            { Wire.IsEmpty: false } => new Result(answer.Wire, Result.Json),
            { ToolCalls: { } calls } => new Result(JsonSerializer.SerializeToUtf8Bytes(new JsonObject
            {
                ["role"] = "assistant",
                ["content"] = answer.Text,
                ["tool_calls"] = calls.DeepClone(),
            }), Result.Json),
            _ when shaped || answer.IsJson => new Result(JsonAnswers.Of(answer.Text), Result.Json),
            _ => new Result(Encoding.UTF8.GetBytes(answer.Text), Result.Prose),
        };
        return result with { Model = answer.Model, IsGivenOnce = !answer.IsWhole };
    }
}
