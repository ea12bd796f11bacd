namespace Headway.Features.Reading;

/// <summary>Features and models share one space of names, because an OpenAI client's `model` may be either.</summary>
internal static class NameCheck
{
    public static void Run(Section root, List<Finding> findings)
    {
        var models = root.Entries("models").ToDictionary(entry => entry.Key.Text, entry => entry.Key.Place, StringComparer.Ordinal);
        foreach (var (name, _) in root.Entries("features"))
        {
            if (models.TryGetValue(name.Text, out var model))
            {
                findings.Add(Finding.Error("name-shared",
                    $"'{name.Text}' is also the name of the model on line {model.Line}; features and models share one space, rename one.", name.Place, name.Text));
            }
        }
    }
}
