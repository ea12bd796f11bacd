using Headway.Features.Templates;
using Headway.Features.Yaml;

namespace Headway.Features.Reading;

/// <summary>Checks what the templates of a workflow name: its input, steps that have ended there, and the item of `each`.</summary>
internal sealed class StepNames(List<Finding> findings, string feature)
{
    private readonly Dictionary<string, string> _paths = new(StringComparer.Ordinal);

    /// <summary>Every step of the workflow, with the names of the steps it lies in, so that a wrong name can be told from one that is out of sight.</summary>
    public void Know(Node steps) => Know(steps, "");

    private void Know(Node? steps, string path)
    {
        foreach (var (name, step) in steps is { Kind: NodeKind.List } ? steps.Items.SelectMany(item => item.Entries) : [])
        {
            _paths.TryAdd(name.Text, path + name.Text);
            KnowWithin(step, $"{path}{name.Text}/");
        }
    }

    private void KnowWithin(Node step, string path)
    {
        Know(step["then"], path);
        Know(step["otherwise"], path);
        foreach (var (name, branch) in (step["parallel"] ?? step["race"])?.Entries ?? [])
        {
            Know(branch, $"{path}{name.Text}/");
            KnowWithin(branch, $"{path}{name.Text}/");
        }
    }

    /// <summary>A value with templates in its texts.</summary>
    public void CheckValue(Node value, string path, StepsInSight visible, bool hasItem)
    {
        foreach (var entry in value.Entries) CheckValue(entry.Value, path, visible, hasItem);
        foreach (var item in value.Items) CheckValue(item, path, visible, hasItem);
        if (value.Kind is not NodeKind.Scalar) return;
        if (ValueTemplate.IsTemplate(value.Text)) Check(value, visible, hasItem);
        else if (value.IsSubstituted) ReportVariable(value);
    }

    /// <summary>What `each` goes over.</summary>
    public void CheckList(Node each, StepsInSight visible)
    {
        if (each is not { Kind: NodeKind.Scalar, IsNull: false, IsBroken: false }) return;
        if (Check(each, visible, hasItem: false) is { Path: null }) Report("template-invalid", $"`each` is {each.Says}, which is text; name a list, and nothing else: \"{{{{steps.NAME.list}}}}\".", each.Place);
    }

    /// <summary>What `when` looks at.</summary>
    public void CheckCondition(Node when, StepsInSight visible)
    {
        if (when is { IsNull: false, IsBroken: false } && Check(when, visible, hasItem: false) is { Names.Roots.Count: 0 }) Report("template-invalid", $"`when` is {when.Says}, which is always the same; look at a value: \"{{{{steps.NAME.value}}}}\".", when.Place);
    }

    /// <summary>The template of a prompt, whose data has the fields of the input besides.</summary>
    public void CheckPrompt(PromptDefinition prompt, Place place, StepsInSight visible, bool hasItem)
    {
        var names = TemplateNames.Of(prompt.Template);
        CheckSteps(names, visible, place, $"the prompt template {prompt.TemplateFile}: ");
        if (!hasItem && !names.HasBlocks && names.Roots.Contains(TemplateNames.OfItem)) ReportItem(place, $"the prompt template {prompt.TemplateFile}: ");
    }

    private ValueTemplate? Check(Node text, StepsInSight visible, bool hasItem)
    {
        if (text.IsSubstituted)
        {
            ReportVariable(text);
            return null;
        }

        if (!ValueTemplate.TryParse(text.Text, out var template, out var problem))
        {
            Report("template-invalid", $"{text.Says}: {problem}.", text.Place);
            return null;
        }

        CheckSteps(template!.Names, visible, text.Place, "");
        if (template.Names.HasBlocks) return template;
        if (!hasItem && template.Names.Roots.Contains(TemplateNames.OfItem)) ReportItem(text.Place, "");
        foreach (var root in template.Names.Roots.Where(root => !TemplateNames.Known.Contains(root)))
            Report("template-name-unknown", $"nothing is known as '{root}' in {text.Says}: {Spelling.Hint(root, TemplateNames.Known)}", text.Place);
        return template;
    }

    private void CheckSteps(TemplateNames names, StepsInSight visible, Place place, string where)
    {
        foreach (var name in names.Steps.Where(name => !visible.Knows(name)))
        {
            if (!_paths.TryGetValue(name, out var path))
                Report("step-unknown", $"{where}there is no step '{name}': {Spelling.Hint(name, visible.Names)}", place);
            else if (path.Split('/') is [var outer, _, ..] && visible.Knows(outer))
                Report("step-out-of-sight", $"{where}the step '{name}' lies in '{outer}', and may not have been done; name steps.{outer}, which is what came of it.", place);
            else
                Report("step-later", $"{where}the step '{name}' has not ended there; name one that comes before.", place);
        }
    }

    private void ReportItem(Place place, string where) =>
        Report("template-name-unknown", $"{where}`item` is what `each` goes over, and there is no `each` here; a field of the input is input.item.", place);

    // It would stand in the definition, which is stored as it is.
    private void ReportVariable(Node value) =>
        Report("variable-in-step", $"{value.Says} would be kept with every job of the feature; give a service its secrets under `headers`, and write other values here.", value.Place);

    private void Report(string code, string message, Place place) => findings.Add(Finding.Error(code, $"features.{feature}: {message}", place, feature));
}
