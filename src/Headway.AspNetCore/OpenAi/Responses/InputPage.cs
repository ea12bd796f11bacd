using System.Globalization;
using System.Text.Json.Nodes;
using Headway.AspNetCore.Errors;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>One page of the items that a response was asked with.</summary>
internal sealed record InputPage(int Limit, bool OldestFirst, string? After, string? Before)
{
    private const int UsualLimit = 20, MostItems = 100;

    public static (Problem? Problem, InputPage? Page) Read(IQueryCollection query)
    {
        var limit = UsualLimit;
        if (query["limit"] is [{ } said] && !(int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MostItems))
            return (Nodes.Wrong("limit", $"`limit` must be a number from 1 to {MostItems}."), null);
        return (string?)query["order"] is null or "asc" or "desc"
            ? (null, new InputPage(limit, query["order"] == "asc", query["after"], query["before"]))
            : (Nodes.Wrong("order", "`order` must be asc or desc."), null);
    }

    public (Problem? Problem, JsonObject? List) Of(StoredResponse stored)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        var items = stored.Request.Items.Select((item, at) => Named(item!.AsObject(), stored.Job.Id, at, known)).ToList();
        if (!OldestFirst) items.Reverse();
        var (from, to) = (0, items.Count);
        if (After is not null && (from = 1 + Find(items, After)) == 0) return (Unknown("after", After), null);
        if (Before is not null && (to = Find(items, Before)) < 0) return (Unknown("before", Before), null);
        var page = items.Take(to).Skip(from).Take(Limit).ToList();
        return (null, new JsonObject
        {
            ["object"] = "list",
            ["data"] = new JsonArray([.. page]),
            ["first_id"] = page.Count > 0 ? page[0]["id"].Text() : null,
            ["last_id"] = page.Count > 0 ? page[^1]["id"].Text() : null,
            ["has_more"] = to - from > page.Count,
        });
    }

    private static int Find(List<JsonObject> items, string id) => items.FindIndex(item => item["id"].Text() == id);

    private static Problem Unknown(string param, string id) => Nodes.Wrong(param, $"`{param}` names {Phrases.Quote(id)}, which is no item of this response.");

    /// <summary>With an id that no other item of the list has: pages end and begin at one.</summary>
    private static JsonObject Named(JsonObject item, JobId job, int at, HashSet<string> known)
    {
        var named = item.DeepClone().AsObject();
        if (named["id"].Text() is { } id && known.Add(id)) return named;
        named.Remove("id");
        var kind = named["type"].Text() switch
        {
            "function_call" => "fc",
            "function_call_output" => "fco",
            "reasoning" => "rs",
            "compaction" => "cmp",
            _ => "msg",
        };
        var made = ResponseId.OfInput(kind, job, at);
        known.Add(made);
        named.Insert(0, "id", made);
        return named;
    }
}
