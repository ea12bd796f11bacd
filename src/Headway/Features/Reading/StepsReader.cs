using System.Text.Json.Nodes;
using Headway.Features.Shapes;
using Headway.Features.Templates;
using Headway.Features.Yaml;

namespace Headway.Features.Reading;

/// <summary>Reads the steps of a workflow without code, and checks what they say of each other.</summary>
internal sealed class StepsReader(FileReading reading, HandlerReader handlers, string feature)
{
    // The journal takes names of 200 characters, and what is done within a step has a name of its own behind this.
    private const int LongestPath = 120;

    private readonly StepNames _names = new(reading.Findings, feature);

    public StepsDefinition Read(Node steps, Node? result)
    {
        _names.Know(steps);
        var (read, visible) = List(steps, "", StepsInSight.None);
        if (result is not null) _names.CheckValue(result, "result", visible, hasItem: false);
        return new StepsDefinition { Steps = read, Result = result is null ? null : Json(result) };
    }

    /// <returns>Also what is in sight after the last of them.</returns>
    private (IReadOnlyList<StepDefinition> Steps, StepsInSight After) List(Node? steps, string path, StepsInSight before)
    {
        var read = new List<StepDefinition>();
        var visible = before;
        foreach (var item in steps is { Kind: NodeKind.List } ? steps.Items : [])
        {
            if (item.Entries.Count != 1 && item.Kind is NodeKind.Map)
                Report("value-invalid", "a step is one name and what it does; start each with its own hyphen.", item.Place);

            foreach (var (name, step) in item.Entries)
            {
                if (visible.Knows(name.Text))
                    Report("key-duplicate", $"there is a step '{name.Text}' already; its result would be hidden.", name.Place);
                if (Step(name.Text, path + name.Text, step, name.Place, visible) is { } made)
                    read.Add(made);
                visible = visible.With(name.Text);
            }
        }

        return (read, visible);
    }

    private IReadOnlyList<StepDefinition> Steps(Node? steps, string path, StepsInSight before) => List(steps, path, before).Steps;

    /// <summary>Null: what it is cannot be told, which was reported.</summary>
    private StepDefinition? Step(string name, string path, Node step, Place place, StepsInSight visible)
    {
        if (path.Length > LongestPath)
            Report("value-invalid", $"the step {path} lies too deep: names of steps and those they lie in have {LongestPath} characters together at most.", place);
        if (step.Kind is not NodeKind.Map || StepShape.Step.Choose(step) is not { } shape) return null;
        var section = new Section(step, shape);
        if (shape == StepShape.Prompt) return handlers.Prompt(section, feature) is { } prompt ? Work(section, name, path, place, visible, prompt) : null;
        if (shape == StepShape.Http) return handlers.Http(section, feature) is { } http ? Work(section, name, path, place, visible, http) : null;
        if (shape == StepShape.Call) return Work(section, name, path, place, visible, null);
        if (shape == StepShape.Signal || shape == StepShape.Approval) return Signal(section, name, path, place, visible, isApproval: shape == StepShape.Approval);
        if (shape == StepShape.Delay) return section.Value<TimeSpan>("delay") is { } delay ? new DelayStep { Name = name, Path = path, Place = place, Delay = delay } : null;
        return shape == StepShape.When ? When(section, name, path, place, visible) : Branches(section, name, path, place, visible, isRace: shape == StepShape.Race);
    }

    private WorkStep Work(Section section, string name, string path, Place place, StepsInSight visible, HandlerDefinition? handler)
    {
        var each = section.Find("each");
        if (each is not null) _names.CheckList(each, visible);
        else if (section.Find("concurrency") is { } concurrency) Report("value-invalid", "`concurrency` says how many items at once, and there is no `each`; say what it goes over, or remove it.", concurrency.Place);
        var input = section.Find("input");
        if (input is not null) _names.CheckValue(input, path, visible, hasItem: each is not null);
        else if (handler is PromptDefinition prompt) _names.CheckPrompt(prompt, section.Find("prompt")!.Place, visible, hasItem: each is not null);
        return new WorkStep
        {
            Name = name,
            Path = path,
            Place = place,
            Handler = handler,
            Feature = handler is null ? section.Text("feature") : null,
            Each = each?.Text,
            Concurrency = section.Value("concurrency", WorkStep.UsualConcurrency),
            Input = input is null ? null : Json(input),
            Files = handler is not null && section.Value("files", false),
        };
    }

    private SignalStep Signal(Section section, string name, string path, Place place, StepsInSight visible, bool isApproval)
    {
        var otherwise = section.Find("otherwise");
        if (otherwise is not null && !isApproval && !section.Has("within"))
            Report("value-invalid", $"'{name}' waits for its signal as long as the job lives, so nothing follows `otherwise`; say how long under `within`.", otherwise.Place);
        var key = isApproval ? "approval" : "signal";
        var signal = section.Text(key) ?? "";
        if (signal.Length > LongestPath || signal.Any(char.IsControl))
            Report("value-invalid", $"the name of a signal has at most {LongestPath} characters, none of them a control character.", section.Find(key)!.Place);
        if (ValueTemplate.IsTemplate(signal))
            Report("template-invalid", $"the name of a signal is the same for every job, and '{section.Find(key)!.Raw}' is a template; each job gets its own signals by its id.", section.Find(key)!.Place);
        return new SignalStep
        {
            Name = name,
            Path = path,
            Place = place,
            Signal = signal,
            IsApproval = isApproval,
            Within = section.Value<TimeSpan>("within"),
            Otherwise = otherwise switch { { Kind: NodeKind.List } => Absence.Steps, { Text: "continue" } => Absence.Continue, _ => Absence.DeadLetter },
            // The decision that was no is there for whoever says so.
            Instead = Steps(otherwise, path + "/", isApproval ? visible.With(name) : visible),
        };
    }

    private BranchesStep Branches(Section section, string name, string path, Place place, StepsInSight visible, bool isRace)
    {
        var key = isRace ? "race" : "parallel";
        var branches = new List<BranchDefinition>();
        foreach (var (branch, node) in section.Entries(key))
        {
            var at = $"{path}/{branch.Text}";
            // A branch of one step has its name.
            branches.Add(new BranchDefinition(branch.Text, node.Kind is NodeKind.List ? Steps(node, at + "/", visible) : Step(branch.Text, at, node, branch.Place, visible) is { } only ? [only] : []));
        }

        if (section.Find(key) is { Kind: NodeKind.Map, Entries.Count: < 2 } few)
            Report("value-invalid", $"'{name}' has {few.Entries.Count} branches; side by side are two or more.", few.Place);
        return new BranchesStep { Name = name, Path = path, Place = place, IsRace = isRace, Branches = branches };
    }

    private WhenStep When(Section section, string name, string path, Place place, StepsInSight visible)
    {
        if (section.Find("when") is { Kind: NodeKind.Scalar } when) _names.CheckCondition(when, visible);
        if (section.Has("is") && (section.Find("above") ?? section.Find("below")) is { } also)
            Report("value-invalid", "`is` compares texts, `above` and `below` compare numbers; say one of the two.", also.Place);
        return new WhenStep
        {
            Name = name,
            Path = path,
            Place = place,
            When = section.Text("when") ?? "",
            Is = [.. section.OneOrMore<string>("is").Select(value => value.Value)],
            Above = section.Value<decimal>("above"),
            Below = section.Value<decimal>("below"),
            Then = Steps(section.Find("then"), path + "/", visible),
            Otherwise = Steps(section.Find("otherwise"), path + "/", visible),
        };
    }

    private static string Json(Node node) => Value(node)?.ToJsonString() ?? "null";

    // As YAML reads it: what is in quotes is text, and so is what came from the environment.
    private static JsonNode? Value(Node node) => node.Kind switch
    {
        NodeKind.Map => new JsonObject(node.Entries.DistinctBy(entry => entry.Key.Text).Select(entry => KeyValuePair.Create(entry.Key.Text, Value(entry.Value)))),
        NodeKind.List => new JsonArray([.. node.Items.Select(Value)]),
        _ when node.IsNull => null,
        _ when node.IsPlain && !node.IsSubstituted && Scalars.Flag.TryRead(node, out var flag) => JsonValue.Create(flag),
        _ when node.IsPlain && !node.IsSubstituted && Scalars.Number.TryRead(node, out var number) => JsonValue.Create(number),
        _ => JsonValue.Create(node.Text),
    };

    private void Report(string code, string message, Place place) => reading.Findings.Add(Finding.Error(code, $"features.{feature}: {message}", place, feature));
}

/// <summary>The steps whose results can be named at a place: those before it, and those before what it lies in.</summary>
internal sealed record StepsInSight(IReadOnlyList<string> Names)
{
    public static readonly StepsInSight None = new([]);

    public bool Knows(string name) => Names.Contains(name);

    public StepsInSight With(string name) => new([.. Names, name]);
}
