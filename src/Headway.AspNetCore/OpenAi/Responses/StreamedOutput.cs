using System.Text.Json.Nodes;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>Puts the pieces of an answer together to items, and tells of each step. One item is open at a time; a piece of another kind closes it.</summary>
internal sealed class StreamedOutput(JobId job, int attempt, int first, EventNumbers numbers, bool signed)
{
    private readonly List<StreamedItem> _items = [];
    private readonly List<(long? Index, string? Id, StreamedCall Item)> _calls = [];
    private StreamedItem? _open;

    public JobId Job => job;

    /// <summary>The index of the item that would come next.</summary>
    public int Next => first + _items.Count;

    public JsonArray Items => new([.. _items.Select(item => item.Whole)]);

    /// <param name="choice">Of a chunk.</param>
    public IReadOnlyList<ResponseEvent> Add(JsonNode? choice)
    {
        var (told, delta) = (new List<ResponseEvent>(), choice.Of("delta"));
        if (OutputShapes.ThoughtOf(delta) is { Length: > 0 } thought) Open<StreamedThought>(told, at => new StreamedThought(at)).Add(thought, told);
        if (delta.Of("thinking_blocks") is JsonArray { Count: > 0 } blocks) Sign(blocks, told);
        if (TextOf(delta.Of("content")) is { Length: > 0 } text) Turn(told).Say(text, OutputShapes.Probabilities(choice), told);
        if (delta.Of("refusal").Text() is { Length: > 0 } refusal) Turn(told).Refuse(refusal, told);
        foreach (var call in (delta.Of("tool_calls") as JsonArray ?? []).Where(call => call is JsonObject)) AddCall(call!, told);
        return told;
    }

    public IReadOnlyList<ResponseEvent> Say(string text)
    {
        var told = new List<ResponseEvent>();
        Turn(told).Say(text, null, told);
        return told;
    }

    public IReadOnlyList<ResponseEvent> Close(string status)
    {
        var told = new List<ResponseEvent>();
        _open?.Close(status, told);
        _open = null;
        return told;
    }

    private StreamedTurn Turn(List<ResponseEvent> told) => Open<StreamedTurn>(told, at => new StreamedTurn(at));

    private void Sign(JsonArray blocks, List<ResponseEvent> told)
    {
        var thought = _items.OfType<StreamedThought>().LastOrDefault() ?? Open<StreamedThought>(told, at => new StreamedThought(at));
        thought.Sign(blocks);
    }

    private void AddCall(JsonNode call, List<ResponseEvent> told)
    {
        var (index, id) = (call.Of("index").Whole(), call.Of("id").Text());
        // A piece that goes on needs neither index nor id.
        var known = index is not null ? _calls.FirstOrDefault(one => one.Index == index) : id is { Length: > 0 } ? _calls.FirstOrDefault(one => one.Id == id) : _calls.LastOrDefault();
        if (known.Item is null)
        {
            Close("completed", told);
            known = (index, id, Opened(new StreamedCall(Place("fc")), told));
            _calls.Add(known);
        }

        known.Item.Add(id, call.Of("function").Of("name").Text(), call.Of("function").Of("arguments").Text(), told);
    }

    private T Open<T>(List<ResponseEvent> told, Func<ItemPlace, T> make) where T : StreamedItem
    {
        if (_open is T open) return open;
        Close("completed", told);
        return Opened(make(Place(typeof(T) == typeof(StreamedThought) ? "rs" : "msg")), told);
    }

    private void Close(string status, List<ResponseEvent> told)
    {
        _open?.Close(status, told);
        _open = null;
    }

    private T Opened<T>(T item, List<ResponseEvent> told) where T : StreamedItem
    {
        _items.Add(item);
        _open = item;
        item.Begin(told);
        return item;
    }

    private ItemPlace Place(string kind) => new(ResponseId.OfOutput(kind, job, attempt, Next), Next, numbers, signed);

    private static string? TextOf(JsonNode? content) => content is JsonArray parts ? string.Concat(parts.Select(part => part.Of("text").Text())) : content.Text();
}
