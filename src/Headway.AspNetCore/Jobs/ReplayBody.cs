using System.Runtime.InteropServices;
using System.Text.Json;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;
using Headway.Jobs.Running;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headway.AspNetCore.Jobs;

/// <summary>What a replay changes, as its body says: `{"model":"strong","input":{…}}`, or nothing at all.</summary>
internal static class ReplayBody
{
    // Around an input: the names, and that of a model.
    private const int LargestFrame = 4_096;

    /// <param name="mostInput">The largest input; null: it cannot be changed here.</param>
    public static async ValueTask<(Problem? Problem, ReplayChange Change)> ReadAsync(HttpRequest request, long? mostInput)
    {
        if (request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is not true) return (null, ReplayChange.None);
        var most = LargestFrame + (mostInput ?? 0);
        var (problem, parsed) = await JsonBody.ReadDocumentAsync(request, most, () => new Problem(ProblemKind.InputTooLarge, $"The body of a replay of this has at most {most} bytes."));
        if (problem is not null) return (problem, ReplayChange.None);
        using var document = parsed!;
        return Read(document.RootElement, mostInput is not null);
    }

    private static (Problem? Problem, ReplayChange Change) Read(JsonElement root, bool takesInput)
    {
        if (root.ValueKind is not JsonValueKind.Object) return Broken("it must be a JSON object");
        var change = ReplayChange.None;
        foreach (var member in root.EnumerateObject())
        {
            switch (member.Name)
            {
                case "model" when member.Value.ValueKind is JsonValueKind.String && member.Value.GetString() is { Length: > 0 } model:
                    change = change with { Model = model };
                    break;
                case "model":
                    return Broken("`model` must be the name of a model of the feature file");
                case "input" when takesInput:
                    change = change with { Input = JsonMarshal.GetRawUtf8Value(member.Value).ToArray() };
                    break;
                case "input":
                    return Broken("`input` can be given for one job only: POST /v1/jobs/{id}/replay");
                default:
                    return Broken($"{Phrases.Quote(member.Name)} is not a member of it");
            }
        }

        return (null, change);
    }

    private static (Problem Problem, ReplayChange Change) Broken(string what) =>
        (new Problem(ProblemKind.ReplayInvalid, $"The body of a replay is {{\"model\":\"NAME\"}}, with `input` for one job, or nothing: {what}."), ReplayChange.None);
}
