using System.Text;
using Headway.Budgets;
using Headway.Features;
using Headway.Jobs.Storage;
using Headway.Models;

namespace Headway.Jobs.Accepting;

/// <summary>What must be held back for a call before it is accepted: the longest answer of the dearest model it may reach.</summary>
/// <remarks>A further call of the same job has more held back before it is made (<see cref="ReservedBudget"/>), with its true size; so an estimate that is
/// too low here is put right there. The work of code and of services names no model; nothing is held for it, but a budget that is used up refuses it.</remarks>
internal sealed class Reservations(BudgetsInForce budgets, Func<FeatureFile> file)
{
    /// <summary>Null: no budget counts.</summary>
    public Reservation? For(Call call)
    {
        var limits = budgets.Of(call.Feature.Feature, call.Caller.Tenant);
        return limits.Count == 0 ? null : new Reservation(limits, Largest(call));
    }

    private long Largest(Call call)
    {
        var (models, template, maxTokens) = call.Feature.Handler switch
        {
            PromptDefinition prompt => (prompt.Models, Encoding.UTF8.GetByteCount(prompt.Template), prompt.MaxTokens),
            ModelHandlerDefinition exposed => ([exposed.Model], 0, (int?)null),
            _ => ([], 0, null),
        };
        var bytes = call.Input.Json.Length + template;
        var known = file().Models;
        return models.Select(known.GetValueOrDefault).OfType<ModelDefinition>().Select(model => Prices.Largest(model, bytes, maxTokens)).DefaultIfEmpty(0).Max();
    }
}
