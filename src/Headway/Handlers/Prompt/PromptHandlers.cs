using Headway.Features;
using Headway.Handlers.Prompt.Tools;
using Headway.Models;
using Headway.Models.Chat;
using Headway.Payloads.Files;
using Microsoft.Extensions.AI;

namespace Headway.Handlers.Prompt;

/// <summary>What the host's handlers get of the models.</summary>
internal static class PromptHandlers
{
    /// <summary>The handler of a prompt or of an exposed model.</summary>
    /// <param name="kept">The files that requests of an exposed model name by their ids; null: there are none.</param>
    public static Handler For(FeatureVersion version, ModelCatalog catalog, ToolServers tools, KeptFiles? kept = null) => version.Handler switch
    {
        PromptDefinition prompt => new PromptHandler(version, prompt, catalog, tools),
        ModelHandlerDefinition exposed => new ModelHandler(exposed.Model, catalog, kept),
        var other => throw new ArgumentException($"{version.FullName} has a {other.GetType().Name}, not a prompt.", nameof(version)),
    };

    /// <summary>A model for the code that handles an attempt: what it costs and discloses is the attempt's.</summary>
    public static IChatClient ClientFor(string model, Attempt attempt, ModelCatalog catalog) =>
        new HeadwayChatClient(catalog, model, Terms.Of(attempt, shows: false), attempt.Input.Json, attempt.Number, LabelsOf(attempt));

    /// <summary>For whom a model is asked.</summary>
    public static RequestLabels LabelsOf(Attempt attempt) => new(attempt.Tenant, attempt.Feature.FullName, attempt.Job.ToString());
}
