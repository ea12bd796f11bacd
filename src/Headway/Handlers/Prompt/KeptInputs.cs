using System.Text.Json.Nodes;
using Headway.Access;
using Headway.Payloads;
using Headway.Payloads.Files;

namespace Headway.Handlers.Prompt;

/// <summary>The kept files that a chat completion names by their ids (`file.file_id`, `image_url.file_id`): read for each attempt, and put in as if their caller had sent them.</summary>
internal static class KeptInputs
{
    /// <summary>Where a file is named.</summary>
    /// <param name="Place">For error texts: `messages[0].content[1].file.file_id`.</param>
    internal sealed record Mention(JsonObject Part, FileName Name, string Place);

    public static IEnumerable<Mention> In(JsonObject chat)
    {
        if (chat["messages"] is not JsonArray turns) yield break;
        for (var i = 0; i < turns.Count; i++)
        {
            if (turns[i] is not JsonObject turn || turn["content"] is not JsonArray parts) continue;
            for (var j = 0; j < parts.Count; j++)
                if (parts[j] is JsonObject part && Of(part, $"messages[{i}].content[{j}]") is { } mention) yield return mention;
        }
    }

    /// <summary>Null: nothing is wrong, and no id is left in it.</summary>
    public static async ValueTask<Failure?> PutInAsync(Attempt attempt, JsonObject chat, KeptFiles? kept, CancellationToken stop)
    {
        var mentions = In(chat).ToList();
        if (mentions.Count == 0) return null;
        if (kept is null) return PromptFailures.Named(FileRefusal.Unknown(mentions[0].Name.Id), mentions[0].Place);
        var (refusal, at, files) = kept.FindNamed(attempt.Tenant, attempt.Subject, [.. mentions.Select(mention => mention.Name)], attempt.Feature.MaxInput - attempt.Input.Json.Length);
        if (refusal is not null) return PromptFailures.Named(refusal, mentions[at].Place);
        var shown = new Dictionary<FileId, JsonObject>();
        for (var i = 0; i < files.Count; i++)
        {
            var file = files[i];
            if (!shown.TryGetValue(file.Id, out var part))
            {
                if (await ReadAsync(attempt, kept, file, stop).ConfigureAwait(false) is not { } read) return PromptFailures.Named(FileRefusal.Unknown(file.Id.ToString()), mentions[i].Place);
                shown[file.Id] = part = read;
            }

            Put(mentions[i].Part, part);
        }

        return null;
    }

    private static Mention? Of(JsonObject part, string place)
    {
        foreach (var (type, isImage) in (ReadOnlySpan<(string, bool)>)[("file", false), ("image_url", true)])
        {
            if (part["type"] is JsonValue said && said.TryGetValue<string>(out var name) && name == type
                && part[type] is JsonObject held && held["file_id"] is JsonValue value && value.TryGetValue<string>(out var id))
                return new Mention(part, new FileName(id, isImage), $"{place}.{type}.file_id");
        }

        return null;
    }

    /// <summary>Null: it was deleted meanwhile.</summary>
    private static async ValueTask<JsonObject?> ReadAsync(Attempt attempt, KeptFiles kept, KeptFile file, CancellationToken stop)
    {
        var caller = new Caller(attempt.Tenant, attempt.Actor, null);
        var input = new InputFile(file.Id.ToString(), file.Name, FileTold.TypeOf(file)!, file.Length, file.Stored.Sha256, async _ => await kept.ReadAsync(caller, file, attempt.Job.ToString()).ConfigureAwait(false));
        try
        {
            return (JsonObject?)await FileParts.PartAsync(input, stop).ConfigureAwait(false);
        }
        catch (UnreadablePayloadException) when (kept.Find(attempt.Tenant, file.Id) is null)
        {
            return null;
        }
    }

    /// <summary>What else its caller said of the part stays: how closely to look, where to cache.</summary>
    private static void Put(JsonObject part, JsonObject made)
    {
        var detail = (part["image_url"] as JsonObject)?["detail"]?.DeepClone();
        part.Remove("file");
        part.Remove("image_url");
        foreach (var (name, value) in made) part[name] = value?.DeepClone();
        if (detail is not null && part["image_url"] is JsonObject image) image["detail"] = detail;
    }
}
