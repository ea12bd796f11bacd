using System.Text;
using System.Text.Json.Nodes;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>What the assistant says: parts of text, and of refusal.</summary>
internal sealed class StreamedTurn(ItemPlace place) : StreamedItem(place)
{
    private readonly JsonArray _parts = [];
    private readonly StringBuilder _text = new();
    private readonly JsonArray _probabilities = [];
    private string? _kind;

    public override JsonObject Whole => OutputShapes.Turn(Place.Id, Status, (JsonArray)_parts.DeepClone());

    public void Say(string piece, JsonArray? probabilities, List<ResponseEvent> told)
    {
        Begin("output_text", told);
        _text.Append(piece);
        foreach (var token in probabilities ?? []) _probabilities.Add(token?.DeepClone());
        Tell(told, "response.output_text.delta", _parts.Count, ("delta", piece), ("logprobs", probabilities?.DeepClone() ?? new JsonArray()));
    }

    public void Refuse(string piece, List<ResponseEvent> told)
    {
        Begin("refusal", told);
        _text.Append(piece);
        Tell(told, "response.refusal.delta", _parts.Count, ("delta", piece));
    }

    private void Begin(string kind, List<ResponseEvent> told)
    {
        if (_kind == kind) return;
        EndPart(told);
        _kind = kind;
        Tell(told, "response.content_part.added", _parts.Count, ("part", Part("")));
    }

    protected override void EndPart(List<ResponseEvent> told)
    {
        if (_kind is null) return;
        var (text, part) = (_text.ToString(), Part(_text.ToString()));
        if (_kind == "refusal") Tell(told, "response.refusal.done", _parts.Count, ("refusal", text));
        else Tell(told, "response.output_text.done", _parts.Count, ("text", text), ("logprobs", _probabilities.DeepClone()));
        Tell(told, "response.content_part.done", _parts.Count, ("part", part.DeepClone()));
        _parts.Add(part);
        _text.Clear();
        _probabilities.Clear();
        _kind = null;
    }

    private JsonObject Part(string text) => _kind == "refusal" ? OutputShapes.Refusal(text) : OutputShapes.Text(text, _probabilities.DeepClone());
}
