using System.Text.Json.Nodes;
using Headway.Features.Schemas;

namespace Headway.Models;

/// <summary>What is asked of a model. The same request goes to every model of a chain, so nothing in it may be changed.</summary>
internal sealed record ModelRequest
{
    /// <summary>The body of a chat completion or of an embeddings request (OpenAI API). A provider sets `model` and what concerns streaming, and passes the rest on.</summary>
    public required JsonObject Body { get; init; }

    /// <summary>The caller's input as JSON, before any template: what a rehearsal quotes from.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>The answer is a JSON value of this shape.</summary>
    public ValueSchema? Schema { get; init; }

    /// <summary>Where in the answer the input is cited: a rehearsal does so, too.</summary>
    public IReadOnlyList<ValuePath> Citations { get; init; } = [];

    /// <summary>Ask for the answer in pieces: only then can the limits on the first token and on silence be kept.</summary>
    public bool Stream { get; init; } = true;

    /// <summary>Whoever asks speaks the OpenAI API itself: pieces and the whole answer are wanted as they came.</summary>
    public bool KeepsWire { get; init; }

    public RequestLabels Labels { get; init; }

    /// <summary>The number of the attempt, so that a rehearsal draws anew for each.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>1 for the first call of this model in the attempt: a rehearsal draws anew for each.</summary>
    public int Try { get; init; } = 1;

    /// <summary>How long a limit of the model on its silence lasts now, where another model could still take over; null: as long as it says.</summary>
    public Func<TimeSpan, TimeSpan>? Silence { get; init; }

    /// <summary>The same request with the answer that broke its rules, and what is wrong with it, as further turns.</summary>
    public ModelRequest After(Repair repair)
    {
        var body = Body.DeepClone().AsObject();
        if (body["messages"] is not JsonArray turns) return this;
        turns.Add(new JsonObject { ["role"] = "assistant", ["content"] = repair.Answer });
        turns.Add(new JsonObject { ["role"] = "user", ["content"] = repair.Complaint });
        return this with { Body = body };
    }

    /// <summary>The longest answer that is asked for, where the body itself does not say. By which of its two names a server goes, nobody knows: the larger counts.</summary>
    public int? MaxTokens
    {
        get => field ?? new[] { Whole("max_completion_tokens"), Whole("max_tokens") }.Max();
        init;
    }

    private int? Whole(string name) => Body[name] is JsonValue value && value.TryGetValue<int>(out var tokens) && tokens > 0 ? tokens : null;
}

/// <summary>For whom a model is asked: what the headers of a model may name.</summary>
internal readonly record struct RequestLabels(string Tenant, string Feature, string Job);

/// <summary>One piece of an answer as it comes.</summary>
/// <param name="Text">What it adds to the text; null: nothing (a role, a piece of a tool call, thinking aloud).</param>
/// <param name="Chunk">The piece as a `chat.completion.chunk` of the OpenAI API, unknown fields included; empty unless <see cref="ModelRequest.KeepsWire"/>.</param>
internal readonly record struct ModelPiece(string? Text, ReadOnlyMemory<byte> Chunk)
{
    /// <summary>Nothing of it is for anybody to see.</summary>
    public bool IsNothing => Text is null && Chunk.IsEmpty;
}

/// <summary>Takes the pieces of an answer as they come; waits when the reader is slower.</summary>
internal delegate ValueTask PieceSink(ModelPiece piece, CancellationToken stop);
