using System.Text.Json.Nodes;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.Features;
using Headway.Jobs;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>What was said before: the items of the responses that a request goes on from, oldest first. Their instructions are theirs alone.</summary>
internal sealed class EarlierItems(EngineHost host)
{
    // Each is a read and an opening of what is sealed.
    private const int MostResponses = 500;

    public async Task<(Problem? Problem, IReadOnlyList<JsonNode?> Items)> OfAsync(Caller caller, string? previous, FeatureVersion next)
    {
        var turns = new Stack<JsonArray>();
        long length = 0;
        for (var id = previous; id is not null;)
        {
            if (turns.Count >= 2 * MostResponses) return (Wrong($"More than {MostResponses} responses stand before this one. Send what matters of them as items."), []);
            if (await StoredResponse.FindAsync(host.Engine, caller, id) is not { } stored) return (Missing(previous!, id), []);
            if (stored.Job.State is not JobState.Succeeded)
                return (Wrong($"{id} is {ResponseResource.StatusOf(stored.Job, ResponseAnswer.None)}: only a response that was answered can be gone on from."), []);
            if (stored.Version.Contract.Data > next.Contract.Data) return (Forbidden(id, stored.Version, next), []);
            if (host.Engine.ResultToGoOnFrom(caller, stored.Job.Id) is not { } result) return (Missing(previous!, id), []);
            // Other models cannot read what one has signed.
            var (problem, answer) = StoredResponse.AnswerOf(stored.Request, stored.Version, stored.Job, result, await host.Engine.PiecesToGoOnFromAsync(caller, stored.Job.Id), signed: stored.Version.Feature == next.Feature);
            if (problem is not null) return (problem, []);
            if ((length += result.Body.Length + stored.Request.Items.Bytes().Length) > next.MaxInput) return (Wrong("What the responses before this one hold is longer than the input may be. Send what matters of them as items."), []);
            turns.Push(answer.Output);
            turns.Push(stored.Request.Items);
            id = stored.Request.Previous;
        }

        return (null, [.. turns.SelectMany(items => items)]);
    }

    private static Problem Missing(string previous, string id) => new(ProblemKind.PreviousResponseUnknown,
        previous == id
            ? $"There is no response {Phrases.Quote(id)} to go on from. It was not stored (`store`), was deleted, or was removed by retention; or the id is wrong."
            : $"{previous} goes on from {Phrases.Quote(id)}, which was deleted or removed by retention. Send the items themselves.")
    { Param = "previous_response_id" };

    // What was said there would reach whoever may see only less sensitive data, and nobody would have decided that.
    public static Problem Forbidden(string id, FeatureVersion stored, FeatureVersion next) => Wrong(
        $"{id} holds {Words.Of(stored.Contract.Data)} data, and {next.Feature} is declared for {Words.Of(next.Contract.Data)} data. Go on with a model or feature that is declared for it, or send what may be told as items.");

    private static Problem Wrong(string detail) => Nodes.Wrong("previous_response_id", detail);
}
