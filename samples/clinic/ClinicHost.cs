using Clinic.Intake;
using Clinic.Interactions;
using Headway;

namespace Clinic;

/// <summary>The clinic's backend: Headway with this product's own code and feature file, and beside it the service that one of its features calls.</summary>
internal sealed class ClinicHost : IAsyncDisposable
{
    private readonly WebApplication _interactions;

    private ClinicHost(WebApplication interactions, WebApplication app) => (_interactions, App) = (interactions, app);

    /// <summary>Where the feature file lies: here when started from its own folder (then an edit is taken up at once), else beside the program.</summary>
    public static string Folder { get; } = File.Exists("headway.yaml") ? Directory.GetCurrentDirectory() : AppContext.BaseDirectory;

    public WebApplication App { get; }

    public static async Task<ClinicHost> StartAsync(WebApplicationOptions host, Action<HeadwayOptions>? configure = null)
    {
        ChooseModels();
        var interactions = await StartInteractionsAsync();
        try
        {
            var builder = WebApplication.CreateBuilder(host);
            builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
            builder.AddHeadway(configure);
            var app = builder.Build();
            app.MapHeadway();
            app.MapFeature("intake-triage", (IntakeForm form, FeatureContext feature, CancellationToken stop) => Task.FromResult(Triage.Of(form)));
            await app.StartAsync();
            return new ClinicHost(interactions, app);
        }
        catch
        {
            await interactions.DisposeAsync();
            throw;
        }
    }

    public Task WaitAsync() => App.WaitForShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await _interactions.DisposeAsync();
    }

    // The feature file calls the service at the same variable.
    private static async Task<WebApplication> StartInteractionsAsync()
    {
        var listen = Environment.GetEnvironmentVariable("CLINIC_INTERACTIONS") is { Length: > 0 } url ? new Uri(url) : InteractionService.Default;
        try
        {
            var service = await InteractionService.StartAsync(listen, TimeProvider.System);
            if (listen.Port == 0) Environment.SetEnvironmentVariable("CLINIC_INTERACTIONS", service.Urls.Single());
            return service;
        }
        catch (IOException taken)
        {
            throw new HeadwayStartException($"The interaction service cannot listen on {listen}: {taken.Message} Name a free address in CLINIC_INTERACTIONS.");
        }
    }

    // The feature file reads from these variables which models its prompts go to: naming a real server chooses the real ones.
    private static void ChooseModels()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("LLM_URL")) && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("LLM_KEY"))) return;
        Environment.SetEnvironmentVariable("CLINIC_FAST", "fast");
        Environment.SetEnvironmentVariable("CLINIC_STRONG", "strong");
    }
}
