using Commerce.Review;
using Headway;

namespace Commerce;

/// <summary>The shop's backend: Headway with this product's own code and feature file, and the contract that the sample reviews.</summary>
internal static class CommerceHost
{
    /// <summary>Where the feature file lies: here when started from its own folder (then an edit is taken up at once), else beside the program.</summary>
    public static string Folder { get; } = File.Exists("headway.yaml") ? Directory.GetCurrentDirectory() : AppContext.BaseDirectory;

    public static async Task<WebApplication> StartAsync(WebApplicationOptions host, Action<HeadwayOptions>? configure = null)
    {
        // Naming a real server chooses the real model: the feature file reads this variable, and so does the code.
        if (Said("LLM_URL") is not null || Said("LLM_KEY") is not null) Environment.SetEnvironmentVariable("COMMERCE_MODEL", "reader");
        var builder = WebApplication.CreateBuilder(host);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.AddHeadway(configure);
        builder.Services.AddSingleton(new Reviews(Said("COMMERCE_REVIEWS") ?? Path.Combine(host.ContentRootPath!, "reviews")));
        var app = builder.Build();
        app.MapHeadway();
        app.MapWorkflow<ContractReview>("contract-review");
        app.MapFeature("assess-clause", (Clause clause, FeatureContext feature, CancellationToken stop) => Assessor.AssessAsync(clause, feature.Model(Said("COMMERCE_MODEL") ?? "practice"), stop));
        // What legal reads before the decision, and everybody after it.
        app.MapGet("/reviews/{job}", (string job, Reviews reviews) => reviews.Find(job) is { } file ? Results.File(file, "text/markdown; charset=utf-8") : Results.NotFound());
        // A contract of 90 pages to try it on.
        app.MapGet("/sample-contract", () => Results.Json(SampleContract.Make().Contract));
        await app.StartAsync();
        return app;
    }

    private static string? Said(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
