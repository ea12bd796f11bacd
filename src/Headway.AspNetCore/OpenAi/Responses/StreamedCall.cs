using System.Text;
using System.Text.Json.Nodes;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>A call of a function. It is told of when its name is known; a piece that comes after its end is kept, and not told.</summary>
internal sealed class StreamedCall(ItemPlace place) : StreamedItem(place)
{
    private readonly StringBuilder _arguments = new();
    private string _call = "";
    private string _name = "";
    private bool _begun, _ended;

    public override JsonObject Whole => OutputShapes.Call(Place.Id, Status, _call, _name, _ended ? _arguments.ToString() : "");

    public override void Begin(List<ResponseEvent> told)
    {
        // Its name is not known yet.
    }

    public void Add(string? call, string? name, string? arguments, List<ResponseEvent> told)
    {
        if (_call.Length == 0) _call = call ?? "";
        if (_name.Length == 0) _name = name ?? "";
        if (_name.Length > 0) Announce(told);
        if (string.IsNullOrEmpty(arguments)) return;
        _arguments.Append(arguments);
        if (_begun && !_ended) Tell(told, "response.function_call_arguments.delta", null, ("delta", arguments));
    }

    private void Announce(List<ResponseEvent> told)
    {
        if (_begun) return;
        _begun = true;
        base.Begin(told);
        if (_arguments.Length > 0) Tell(told, "response.function_call_arguments.delta", null, ("delta", _arguments.ToString()));
    }

    protected override void EndPart(List<ResponseEvent> told)
    {
        Announce(told);
        _ended = true;
        Tell(told, "response.function_call_arguments.done", null, ("name", _name), ("arguments", _arguments.ToString()));
    }
}
