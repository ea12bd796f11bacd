using System.Text.Json.Nodes;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>Where an item stands in its output.</summary>
/// <param name="Signed">Thoughts are shown with what only their model can read.</param>
internal sealed record ItemPlace(string Id, int Index, EventNumbers Numbers, bool Signed);

/// <summary>An item that grows.</summary>
internal abstract class StreamedItem(ItemPlace place)
{
    protected ItemPlace Place => place;
    protected string Status { get; private set; } = "in_progress";

    /// <summary>The item as it is now.</summary>
    public abstract JsonObject Whole { get; }

    public virtual void Begin(List<ResponseEvent> told) => told.Add(place.Numbers.Make("response.output_item.added", new JsonObject { ["output_index"] = place.Index, ["item"] = Whole }));

    public void Close(string status, List<ResponseEvent> told)
    {
        EndPart(told);
        Status = status;
        told.Add(place.Numbers.Make("response.output_item.done", new JsonObject { ["output_index"] = place.Index, ["item"] = Whole }));
    }

    protected abstract void EndPart(List<ResponseEvent> told);

    /// <summary>An event of this item, or of one of its parts.</summary>
    protected void Tell(List<ResponseEvent> told, string type, int? part, params (string Name, JsonNode? Value)[] members)
    {
        var data = new JsonObject { ["item_id"] = place.Id, ["output_index"] = place.Index };
        if (part is { } index) data["content_index"] = index;
        foreach (var (name, value) in members) data[name] = value;
        told.Add(place.Numbers.Make(type, data));
    }
}
