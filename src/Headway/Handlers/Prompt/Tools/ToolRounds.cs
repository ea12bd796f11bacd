using System.Text;
using System.Text.Json.Nodes;
using Headway.Features;
using Headway.Models;

namespace Headway.Handlers.Prompt.Tools;

/// <summary>Asks a chain of models with tools: what the model calls is carried out and told to it, until it answers.</summary>
/// <remarks>
/// Each round is a call of the chain like any other: limits, budget, disclosure, failover and repair are the chain's. A later round starts at the model that
/// gave the last answer; turns are the same for every model, so another may take over between rounds, even when text was shown before.
/// </remarks>
internal sealed class ToolRounds(PromptDefinition definition, ModelChain chain, ToolServers servers)
{
    /// <summary>Between what a model says before it calls a tool and what it says after.</summary>
    private const string Pause = "\n\n";

    public async Task<ChainReply> AskAsync(Attempt attempt, ModelRequest request, ChainTerms terms, CancellationToken stop)
    {
        var (toolbox, failure) = await Toolbox.OpenAsync(definition.Tools, servers, attempt.Feature.Contract.Data, stop).ConfigureAwait(false);
        if (toolbox is null) return new ChainReply(null, failure, default);

        var calls = new ToolCalls(toolbox, servers, attempt);
        // This attempt's own: nobody looks at it between rounds.
        request.Body["tools"] = toolbox.Wire;
        var (said, spent, first) = (new StringBuilder(), new Usage(), terms.FirstModel);
        for (var round = 0; ; round++)
        {
            var reply = await chain.AskAsync(request, OfRound(terms, first, said.ToString()), stop).ConfigureAwait(false);
            spent += reply.Usage;
            if (reply.Answer is not { } answer) return reply with { Usage = spent };
            if (answer.Text.Length > 0) said.Append(said.Length > 0 ? Pause : "").Append(answer.Text);
            if (!CallsTools(answer)) return new ChainReply(await WholeAsync(answer, request.Schema is null ? said.ToString() : answer.Text, terms, stop).ConfigureAwait(false), null, spent);
            if (round == definition.ToolRounds) return new ChainReply(null, ToolFailures.RoundsExhausted(attempt.Feature.FullName, round), spent);

            var (turns, failed) = await calls.CarryOutAsync(answer, stop).ConfigureAwait(false);
            if (failed is not null) return new ChainReply(null, failed, spent);
            foreach (var turn in turns) request.Body["messages"]!.AsArray().Add((JsonNode)turn);
            first = Math.Max(first, definition.Models.TakeWhile(model => model != answer.Model).Count());
        }
    }

    /// <summary>What was held back (`stream: hold`) is shown now, and not before: the answer of all rounds is whole.</summary>
    private static async ValueTask<ModelAnswer> WholeAsync(ModelAnswer answer, string text, ChainTerms terms, CancellationToken stop)
    {
        if (terms is { Hold: true, Show: { } show }) await show(new ModelPiece(text, default), stop).ConfigureAwait(false);
        return answer with { Text = text };
    }

    /// <summary>An answer that calls tools stands as it is; any other is judged as it would be without them.</summary>
    /// <param name="said">In the rounds before.</param>
    private static ChainTerms OfRound(ChainTerms terms, int first, string said)
    {
        var (shown, follows) = (false, said.Length > 0);
        return terms with
        {
            FirstModel = first,
            Show = terms.Hold || terms.Show is not { } show ? null : async (piece, stop) =>
            {
                if (follows && !shown && piece.Text is { Length: > 0 }) await show(new ModelPiece(Pause, default), stop).ConfigureAwait(false);
                shown |= piece.Text is { Length: > 0 };
                await show(piece, stop).ConfigureAwait(false);
            },
            Shown = () => shown,
            // Of the rounds before it nothing is taken back.
            TakeBack = terms.TakeBack is not { } takeBack ? null : async stop =>
            {
                shown = false;
                await takeBack(stop).ConfigureAwait(false);
                if (follows && terms is { Hold: false, Show: { } show }) await show(new ModelPiece(said, default), stop).ConfigureAwait(false);
            },
            Judge = (model, answer) => CallsTools(answer) && !answer.Truncated ? null : terms.Judge(model, answer),
        };
    }

    private static bool CallsTools(ModelAnswer answer) => answer.ToolCalls is { Count: > 0 };
}
