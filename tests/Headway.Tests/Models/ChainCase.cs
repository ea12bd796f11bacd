using System.Text;
using System.Text.Json.Nodes;
using Headway.Features;
using Headway.Models;
using Headway.Tests.Handlers;
using Headway.Tests.Models.OpenAi;
using Headway.Upstream;

namespace Headway.Tests.Models;

/// <summary>Asks a chain of models, by a clock that is moved by hand.</summary>
public abstract class ChainCase
{
    private protected static readonly string Stream = Scripts.Fixture("openai/stream");

    private protected ManualTime Time { get; } = new(Attempts.Start);
    private protected SeenDisclosures Disclosures { get; } = new();
    private protected StringBuilder ShownText { get; } = new();

    private protected static ModelRequest With(string parameter) => Asking.Request(body: $$"""{"messages":[{"role":"user","content":"?"}],"{{parameter}}":1}""");

    private protected static ModelFault? JsonOnly(ModelDefinition model, ModelAnswer answer) => answer.Text.StartsWith('{')
        ? null
        : Faults.Of(model, "output-invalid", FailureKind.InvalidOutput, "is no object") with { Repair = new Repair(answer.Text, "That is no object.") };

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Moves the clock by small steps whenever the chain does nothing but wait for it, until it has ended.</summary>
    /// <returns>How long that took by the clock.</returns>
    private protected async Task<TimeSpan> PassTimeAsync(Task asked)
    {
        var began = Time.GetUtcNow();
        while (!asked.IsCompleted)
        {
            // Beside a pause no timer runs; one of a call under way is that of the whole, which is longer than any pause here.
            if (Time.Waits is [{ For: var pause }] && pause < LongestPause) Time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }
        return Time.GetUtcNow() - began;
    }

    private protected Task<ChainReply> AskAsync(ChainTerms terms, params ModelDefinition[] models) => AskAsync(terms, Asking.Request(), models);

    private protected Task<ChainReply> AskAsync(ChainTerms terms, ModelRequest request, params ModelDefinition[] models) => AskAsync(terms, request, CancellationToken.None, models);

    private protected async Task<ChainReply> AskAsync(ChainTerms terms, ModelRequest body, CancellationToken stop, params ModelDefinition[] models)
    {
        using var catalog = Catalogs.Of(Time, models);
        var request = body with { Input = Encoding.UTF8.GetBytes(new JsonObject { ["text"] = "The wound heals well." }.ToJsonString()) };
        return await new ModelChain(catalog, [.. models.Select(model => model.Name)]).AskAsync(request, terms, stop);
    }

    private protected ChainTerms Terms(bool shows = false) => new()
    {
        Until = Attempts.Start.AddSeconds(30),
        Data = DataClass.Internal,
        Disclosures = Disclosures,
        Show = shows ? Show : null,
        Shown = () => ShownText.Length > 0,
    };

    private ValueTask Show(ModelPiece piece, CancellationToken stop)
    {
        ShownText.Append(piece.Text);
        return ValueTask.CompletedTask;
    }
}
