using Headway.Features;

namespace Headway.Models.Providers;

/// <summary>The headers that a model of the feature file declares, filled for one call.</summary>
internal static class ModelHeaders
{
    /// <summary>Before a provider's own headers are added, so that one which is declared stands alone.</summary>
    public static void Add(HttpRequestMessage question, ModelDefinition model, RequestLabels labels)
    {
        foreach (var (name, template) in model.Headers)
        {
            // Secrets that were mounted as files often end in a newline, which no header may hold.
            var value = HeaderTemplate.Fill(template, label => Of(model, labels, label)).Trim();
            if (!question.Headers.TryAddWithoutValidation(name, value))
                question.Content?.Headers.TryAddWithoutValidation(name, value);
        }

        // Waiting for a word between head and body costs a round trip, and some gateways never say it.
        question.Headers.ExpectContinue = false;
    }

    private static string? Of(ModelDefinition model, RequestLabels labels, string label) => label switch
    {
        "tenant" => labels.Tenant,
        "feature" => labels.Feature,
        "job" => labels.Job,
        "model" => model.Name,
        _ => null,
    };
}
