using Headway.Features;

namespace Headway.Advice.Obligations;

internal sealed class StreamProse : Obligation
{
    public override string Owes => "stream: no structured output unless it is held (`stream: hold`), for nothing of it may be shown before it validates";
    public override IReadOnlyList<string> Codes => ["stream-structured"];

    public override IEnumerable<Finding> Missing(FeatureVersion version, FeatureFile file)
    {
        if (version is { Contract.Mode: not Mode.Stream } or { Handler: PromptDefinition { OutputSchemaFile: not null, Hold: true } })
            yield break;
        if (version.Contract.Output is OutputShape.Structured)
            yield return Error(version, "stream-structured", "a structured output must be valid before any of it is used; use sync or hybrid.", "contract.output");
        else if (version.Handler is PromptDefinition { OutputSchemaFile: { } schema })
            yield return Error(version, "stream-structured", $"what must satisfy {schema} cannot be shown before it does; say `stream: hold`, remove `output`, or use sync or hybrid.", "handler.output", "handler");
    }
}
