using Clinic.Interactions;

namespace Clinic;

/// <summary>What the sample takes from where it is started.</summary>
internal static class Surroundings
{
    /// <summary>Where the feature file lies: here when started from its own folder (then an edit is taken up at once), else beside the program.</summary>
    public static string Folder { get; } = File.Exists("headway.yaml") ? Directory.GetCurrentDirectory() : AppContext.BaseDirectory;

    /// <summary>The feature file calls the interaction service at the same variable.</summary>
    public static Uri InteractionsAt => Environment.GetEnvironmentVariable("CLINIC_INTERACTIONS") is { Length: > 0 } url ? new Uri(url) : InteractionService.Default;

    /// <summary>The feature file reads which models its prompts go to from the environment; naming a real server chooses the real ones.</summary>
    public static void ChooseModels()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("LLM_URL")) && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("LLM_KEY"))) return;
        Environment.SetEnvironmentVariable("CLINIC_FAST", "fast");
        Environment.SetEnvironmentVariable("CLINIC_STRONG", "strong");
    }
}
