using System.Runtime.InteropServices;
using System.Text.Json;

namespace Headway.Handlers.Http;

/// <summary>
/// Reads the answer to a group: `{"predictions":[…],"errors":[{"index":1,"status":422,"detail":"…"}]}`. A prediction may be any JSON, null too, so what failed is said beside them and
/// cannot be taken for a result. An answer that leaves open whose part is whose gives nobody anything.
/// </summary>
internal static class GroupAnswers
{
    public static async Task<GroupAnswer> ReadAsync(HttpUpstream upstream, HttpResponseMessage response, IReadOnlyList<GroupMember> members, CancellationToken stop)
    {
        var place = upstream.Place;
        if (!response.IsSuccessStatusCode)
        {
            var said = await HttpAnswers.BeginningAsync(response, stop).ConfigureAwait(false);
            return GroupAnswer.Failed(members, HttpFailures.OfStatus(place, response, said, upstream.Time.GetUtcNow()), MayBeOfOne((int)response.StatusCode));
        }
        if (HttpFailures.NotYet(response, upstream.Time.GetUtcNow()) is { } later) return new GroupAnswer(members) { Each = [.. members.Select(_ => later)] };
        if (response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant() == "text/event-stream")
            return Invalid("with an event stream, which belongs to one call. Answer with JSON, or take `group` from the handler.");

        return await HttpAnswers.ReadAsync(place, response, isStructured: true, stop).ConfigureAwait(false) switch
        {
            Outcome.Done(var result) => Split(result.Body),
            var failed => GroupAnswer.Failed(members, ((Outcome.Failed)failed).Failure),
        };

        GroupAnswer Split(ReadOnlyMemory<byte> body)
        {
            using var document = JsonDocument.Parse(body);
            var outcomes = new Outcome[members.Count];
            return Read(place, document.RootElement, outcomes) is { } problem ? Invalid(problem) : new GroupAnswer(members) { Each = outcomes };
        }

        GroupAnswer Invalid(string what) => GroupAnswer.Failed(members, HttpFailures.Invalid(place, $"answered a group of {members.Count} {what}"));
    }

    /// <summary>A refusal, or a bug that one input brought out (500 is what frameworks make of an exception). Not what concerns all: too many calls, an address that moved, a gateway.</summary>
    private static bool MayBeOfOne(int status) => status is >= 400 and < 500 and not 429 or 500;

    private static string? Read(string place, JsonElement answer, Outcome[] outcomes)
    {
        if (answer.ValueKind is not JsonValueKind.Object || !answer.TryGetProperty("predictions", out var predictions) || predictions.ValueKind is not JsonValueKind.Array)
            return "without a list of `predictions`. Answer {\"predictions\":[…]} with one for each of `instances`, or take `group` from the handler.";
        if (predictions.GetArrayLength() is var count && count != outcomes.Length)
            return $"with {count} predictions. Give one for each of `instances`, in their order; where one failed, null, and say why in `errors`.";

        if (answer.TryGetProperty("errors", out var errors) && errors.ValueKind is not JsonValueKind.Null && ReadErrors(place, errors, outcomes) is { } problem) return problem;
        var index = 0;
        foreach (var prediction in predictions.EnumerateArray())
        {
            // A copy: the part of one member must not keep the answer of all.
            outcomes[index] ??= new Outcome.Done(new Result(JsonMarshal.GetRawUtf8Value(prediction).ToArray(), Result.Json));
            index++;
        }
        return null;
    }

    private static string? ReadErrors(string place, JsonElement errors, Outcome[] outcomes)
    {
        if (errors.ValueKind is not JsonValueKind.Array) return "with `errors` that are no list. Say [{\"index\":0,\"status\":422,\"detail\":\"…\"}], or nothing.";
        foreach (var error in errors.EnumerateArray())
        {
            if (error.ValueKind is not JsonValueKind.Object || Whole(error, "index") is not { } index || index < 0 || index >= outcomes.Length || outcomes[index] is not null)
                return $"with an error that does not say whose it is. Give each an `index` from 0 to {outcomes.Length - 1}, and each member one error at most.";
            var status = error.TryGetProperty("status", out _) ? Whole(error, "status") : 500;
            if (status is { } said && HttpFailures.NotYet(said, error) is { } later)
            {
                outcomes[index] = later;
                continue;
            }
            if (status is not (>= 400 and < 600)) return $"with an error whose `status` is none. Give the error of {index} one from 400 to 599, as if it had been called alone, or 202 with `retryAfter`.";
            outcomes[index] = new Outcome.Failed(HttpFailures.OfMember(place, status.Value, error));
        }
        return null;
    }

    private static int? Whole(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;
}
