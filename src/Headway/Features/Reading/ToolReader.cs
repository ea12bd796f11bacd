using Headway.Features.Shapes;
using Headway.Features.Yaml;

namespace Headway.Features.Reading;

/// <summary>Reads the `toolServers` section, and checks what prompts let their models call.</summary>
internal static class ToolReader
{
    public static IReadOnlyDictionary<string, ToolServerDefinition> Read(Section root, FileReading reading)
    {
        var servers = new Dictionary<string, ToolServerDefinition>(StringComparer.Ordinal);
        foreach (var (name, node) in root.Entries("toolServers"))
        {
            if (node["mcp"] is not null && Http(name, new Section(node, ToolShape.Http), reading) is { } server)
                servers.Add(name.Text, server);
            else if (node["mcp"] is null && node["command"] is not null)
                servers.Add(name.Text, Program(name, new Section(node, ToolShape.Program), reading));
        }

        return servers;
    }

    /// <summary>Data may not flow where the file does not allow it: also where the file is served without having been judged.</summary>
    public static void CheckData(FeatureFile file, List<Finding> findings)
    {
        foreach (var version in file.Features.Values.SelectMany(feature => feature.Versions))
        {
            IEnumerable<PromptDefinition> prompts = version.Handler switch { PromptDefinition prompt => [prompt], StepsDefinition steps => steps.Prompts, _ => [] };
            var names = prompts.SelectMany(prompt => prompt.Tools).Select(name => ToolName.Of(name).Server).Distinct();
            var data = version.Contract.Data;
            foreach (var server in names.Select(file.ToolServers.GetValueOrDefault).OfType<ToolServerDefinition>().Where(server => !server.AllowedData.Contains(data)))
            {
                findings.Add(Finding.Error("data-tool",
                    $"{version.FullName}: the tool server {server.Name} may not see {Words.Of(data)} data, only {string.Join(", ", server.AllowedData.Order().Select(Words.Of))}; if the agreement covers it, say so under `allowedData`, else leave its tools out.",
                    version.PlaceOf("handler.tools", "handler.steps", "handler"), version.Feature));
            }
        }
    }

    private static ToolServerDefinition? Http(Node name, Section section, FileReading reading)
    {
        HeaderCheck.Secrets(section, reading.Findings, null);
        HeaderCheck.Controls($"toolServers.{name.Text}", section, reading.Findings);
        return section.Url("mcp") is not { } url ? null : new ToolServerDefinition
        {
            Name = name.Text,
            Url = url,
            Headers = section.Texts("headers", raw: false),
            AllowedData = ModelReader.AllowedData(section),
            Timeout = section.Value("timeout", ToolServerDefinition.DefaultTimeout),
            Place = name.Place,
        };
    }

    private static ToolServerDefinition Program(Node name, Section section, FileReading reading) => new()
    {
        Name = name.Text,
        Command = [.. section.List<string>("command").Select(word => word.Value)],
        Environment = section.Entries("environment").Where(entry => entry.Value is { Kind: NodeKind.Scalar, IsNull: false }).ToDictionary(entry => entry.Key.Text, entry => entry.Value.Text, StringComparer.Ordinal),
        Folder = reading.Folder,
        AllowedData = ModelReader.AllowedData(section),
        Timeout = section.Value("timeout", ToolServerDefinition.DefaultTimeout),
        Place = name.Place,
    };
}
