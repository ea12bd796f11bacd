using Headway.Features;
using Headway.Models;

namespace Headway.Handlers.Prompt;

/// <summary>The terms on which an attempt asks models.</summary>
internal static class Terms
{
    /// <param name="shows">The pieces of the answer may be shown before it is whole.</param>
    public static ChainTerms Of(Attempt attempt, bool shows, Func<ModelDefinition, ModelAnswer, ModelFault?>? judge = null) => new()
    {
        FirstModel = attempt.FirstModel,
        Until = attempt.Until,
        Data = attempt.Feature.Contract.Data,
        Disclosures = attempt.Disclosures,
        Spent = attempt.Spent,
        Budget = attempt.Budget,
        Tenant = attempt.Tenant,
        Waits = attempt.Waits,
        Show = shows && attempt.Output.Wanted ? (piece, stop) => piece.Text is { } text ? attempt.Output.DeltaAsync(text, stop) : ValueTask.CompletedTask : null,
        Hold = attempt.Feature.Handler is PromptDefinition { Hold: true },
        Shown = () => attempt.Output.Shown,
        // Whoever waits for a stream has seen its pieces; whoever reads the events of a queued job can be told that they count no more.
        TakeBack = attempt.Feature.Contract.Mode is Mode.Async or Mode.Hybrid ? attempt.Output.TakeBackAsync : null,
        Judge = judge ?? (static (_, _) => null),
    };

    /// <summary>Pieces are shown as the chunks that they came in.</summary>
    public static ChainTerms ByWire(Attempt attempt) => Of(attempt, shows: false) with
    {
        Show = attempt.Output.Wanted ? (piece, stop) => attempt.Output.DeltaAsync(piece.Chunk, stop) : null,
    };
}
