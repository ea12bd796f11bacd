using Headway.Features.Schemas;
using Headway.Features.Shapes;
using Headway.Features.Templates;
using Headway.Features.Yaml;

namespace Headway.Features.Reading;

/// <summary>Reads a handler in any of its forms, with the templates and schemas it names.</summary>
internal sealed class HandlerReader(FileReading reading)
{
    public HandlerDefinition? Read(Node node, string feature)
    {
        if (node.Kind is NodeKind.Scalar)
            return node.Text switch { "code" => new CodeDefinition(), "worker" => new WorkerDefinition(), _ => null };
        if (node["prompt"] is not null)
            return Prompt(new Section(node, HandlerShape.Prompt), feature) is { } prompt ? prompt with { Hold = node["stream"] is { Kind: NodeKind.Scalar, Text: "hold" } } : null;
        if (node["http"] is not null)
            return Http(new Section(node, HandlerShape.Http), feature);
        if (node["worker"] is not null)
            return Worker(new Section(node, HandlerShape.Worker), feature);
        return node["steps"] is { Kind: NodeKind.List } steps ? new StepsReader(reading, this, feature).Read(steps, node["result"]) : null;
    }

    /// <summary>The text of a JSON Schema file, if every rule in it can be enforced.</summary>
    public string? Schema(string file, Place place, string feature)
    {
        if (reading.Reference(file, "schema", place, feature) is not { } text)
            return null;

        // Refused here and not by the first answer: the validator enforces only what this check lets through.
        var problems = JsonSchemaText.Check(text);
        foreach (var problem in problems)
            reading.Findings.Add(Finding.Error("schema-invalid", $"the schema {file}: {problem}.", place, feature));
        return problems.Count == 0 ? text : null;
    }

    /// <param name="section">A handler or a step.</param>
    public PromptDefinition? Prompt(Section section, string feature)
    {
        var schema = section.Text("output") is { } file ? Schema(file, section.Find("output")!.Place, feature) : null;
        if (section.Text("prompt") is not { } name)
            return null;

        var place = section.Find("prompt")!.Place;
        var template = reading.Reference(name, "prompt template", place, feature);
        if (template is not null && PromptTemplate.Check(template) is { } problem)
            reading.Findings.Add(Finding.Error("template-invalid", $"the prompt template {name}: {problem}.", place, feature));

        var citations = section.OneOrMore<ValuePath>("citations");
        if (section.Find("citations") is { } cited && !section.Has("output"))
            reading.Findings.Add(Finding.Error("citations-without-output", $"features.{feature}: `citations` says where in a structured answer they stand; name its JSON Schema under `output`.", cited.Place, feature));
        foreach (var (path, at) in citations)
        {
            if (schema is not null && SchemaPaths.Refuse(ValueSchema.Parse(schema), path) is { } refusal)
                reading.Findings.Add(Finding.Error("citations-path", $"features.{feature}: the schema {section.Text("output")} {refusal}", at, feature));
        }

        if (section.Find("toolRounds") is { } rounds && !section.Has("tools"))
            reading.Findings.Add(Finding.Error("value-invalid", $"features.{feature}: `toolRounds` bounds calls of tools, and there are none; name tool servers under `tools`, or remove it.", rounds.Place, feature));

        // A missing template was reported; the version is still judged.
        return new PromptDefinition
        {
            TemplateFile = name,
            Template = template ?? "",
            Models = [.. section.List<string>("models").Select(item => item.Value)],
            OutputSchemaFile = section.Text("output"),
            OutputSchema = schema,
            Citations = [.. citations.Select(item => item.Value.ToString()).Distinct()],
            MaxTokens = section.Value<int>("maxTokens"),
            Tools = [.. section.List<string>("tools").Select(item => item.Value).Distinct()],
            ToolRounds = section.Value("toolRounds", PromptDefinition.UsualToolRounds),
        };
    }

    /// <param name="section">A handler or a step.</param>
    public HttpDefinition? Http(Section section, string feature)
    {
        // They reach the database with the definition, so their values must stay out of the file.
        HeaderCheck.Secrets(section, reading.Findings, feature);
        var group = section.Under("group");
        return section.Url("http") is not { } url ? null : new HttpDefinition
        {
            Url = url,
            AllowedData = ModelReader.AllowedData(section),
            Headers = section.Texts("headers", raw: true),
            Group = group.Value<int>("upTo") is { } upTo && group.Value<TimeSpan>("within") is { } within ? new GroupOptions(upTo, within) : null,
        };
    }

    private WorkerDefinition Worker(Section section, string feature) => new()
    {
        AllowedData = ModelReader.AllowedData(section),
        OutputSchemaFile = section.Text("output"),
        OutputSchema = section.Text("output") is { } file ? Schema(file, section.Find("output")!.Place, feature) : null,
    };
}
