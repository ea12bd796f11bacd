using Headway.Features.Shapes;
using Headway.Features.Yaml;

namespace Headway.Features.Reading;

/// <summary>Reads the section that says when operators are told, and who.</summary>
internal static class AlertReader
{
    public static AlertOptions Read(Section root, List<Finding> findings)
    {
        var (alerts, usual) = (root.Under("alerts"), new AlertOptions());
        var (names, own) = (new List<string>(), new Dictionary<string, EndpointDefinition>(StringComparer.Ordinal));
        foreach (var node in alerts.Find("to") is { Kind: NodeKind.List } list ? list.Items : [])
        {
            if (ReceiverOf(node) is not var (name, definition)) continue;
            if (names.Contains(name)) findings.Add(Finding.Error("value-duplicate", "alerts.to names the same receiver twice; keep one.", node.Place));
            else names.Add(name);
            if (definition is not null) own[name] = definition;
        }
        return new AlertOptions
        {
            To = names,
            Own = own,
            DeadLetters = alerts.Value("deadLetters", usual.DeadLetters),
            QueueAge = alerts.Value("queueAge", usual.QueueAge),
            Gaps = alerts.Value("gaps", usual.Gaps),
            WebhookFailures = alerts.Value("webhookFailures", usual.WebhookFailures),
        };
    }

    /// <summary>Null: something is wrong with it, which was reported.</summary>
    private static (string Name, EndpointDefinition? Own)? ReceiverOf(Node node)
    {
        if (node.Kind is not NodeKind.Map || FeatureFileShape.AlertReceiver.Choose(node) is not { } shape) return null;
        var section = new Section(node, shape);
        if (shape["webhook"] is null) return section.Text("endpoint") is { } endpoint ? (endpoint, null) : null;
        if (section.Url("webhook") is not { } webhook) return null;
        var name = AlertOptions.NameOf(webhook);
        return (name, ServerReader.Endpoint(name, webhook, node.Place, section));
    }
}
