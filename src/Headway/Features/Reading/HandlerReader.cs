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
            return Prompt(new Section(node, HandlerShape.Prompt), feature);
        if (node["http"] is not null)
            return Http(new Section(node, HandlerShape.Http), feature);
        if (node["worker"] is not null)
            return Worker(new Section(node, HandlerShape.Worker), feature);
        return node["steps"] is { Kind: NodeKind.List } steps ? Steps(steps, feature) : null;
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

    private PromptDefinition? Prompt(Section section, string feature)
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
            Hold = section.Text("stream") == "hold",
            Tools = [.. section.List<string>("tools").Select(item => item.Value).Distinct()],
            ToolRounds = section.Value("toolRounds", PromptDefinition.UsualToolRounds),
        };
    }

    private HttpDefinition? Http(Section section, string feature)
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

    private StepsDefinition Steps(Node steps, string feature)
    {
        var names = new List<string>();
        var models = new List<string>();
        var features = new List<string>();
        var services = new List<HttpDefinition>();
        foreach (var item in steps.Items)
        {
            if (item.Entries.Count != 1 && item.Kind is NodeKind.Map)
                reading.Findings.Add(Finding.Error("value-invalid", "a step is one name and what it does; start each with its own hyphen.", item.Place, feature));

            foreach (var (name, step) in item.Entries)
            {
                if (names.Contains(name.Text))
                    reading.Findings.Add(Finding.Error("key-duplicate", $"there is a step '{name.Text}' already; its result would be hidden.", name.Place, feature));
                names.Add(name.Text);
                if (step["feature"] is { Kind: NodeKind.Scalar } called)
                    features.Add(called.Text);
                else if (Read(step, feature) is PromptDefinition prompt)
                    models.AddRange(prompt.Models);
                else if (step["http"] is not null && Http(new Section(step, HandlerShape.Http), feature) is { } service)
                    services.Add(service);
            }
        }

        return new StepsDefinition { Steps = names, Models = [.. models.Distinct()], Features = [.. features.Distinct()], Services = services };
    }
}
