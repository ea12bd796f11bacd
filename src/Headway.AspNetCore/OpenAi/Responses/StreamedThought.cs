using System.Text;
using System.Text.Json.Nodes;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>What the model thinks aloud.</summary>
/// <remarks>The events of its text are those of OpenAI's own libraries (`response.reasoning_text.…`).</remarks>
internal sealed class StreamedThought(ItemPlace place) : StreamedItem(place)
{
    private readonly StringBuilder _text = new();
    private readonly JsonArray _blocks = [];
    private bool _ended;

    // The text is a part only when it is whole, as anywhere.
    public override JsonObject Whole => OutputShapes.Reasoning(Place.Id, Status, _ended ? _text.ToString() : null, Place.Signed ? _blocks : null);

    public void Add(string piece, List<ResponseEvent> told)
    {
        if (_text.Length == 0) Tell(told, "response.content_part.added", 0, ("part", OutputShapes.ReasoningText("")));
        _text.Append(piece);
        Tell(told, "response.reasoning_text.delta", 0, ("delta", piece));
    }

    public void Sign(JsonArray blocks)
    {
        foreach (var block in blocks) _blocks.Add(block?.DeepClone());
    }

    protected override void EndPart(List<ResponseEvent> told)
    {
        _ended = true;
        if (_text.Length == 0) return;
        Tell(told, "response.reasoning_text.done", 0, ("text", _text.ToString()));
        Tell(told, "response.content_part.done", 0, ("part", OutputShapes.ReasoningText(_text.ToString())));
    }
}
