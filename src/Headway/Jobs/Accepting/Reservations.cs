using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
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
        var known = file().Models;
        switch (call.Feature.Handler)
        {
            case ModelHandlerDefinition exposed:
                return known.GetValueOrDefault(exposed.Model) is { } asked ? Largest(asked, call.Input.Json) : 0;
            case PromptDefinition prompt:
                var bytes = call.Input.Json.Length + Encoding.UTF8.GetByteCount(prompt.Template);
                return prompt.Models.Select(known.GetValueOrDefault).OfType<ModelDefinition>().Select(model => Prices.Largest(model, bytes, prompt.MaxTokens)).DefaultIfEmpty(0).Max();
            default:
                return 0;
        }
    }

    /// <summary>Of an exposed model: the body says itself how long an answer may be, and how many there are.</summary>
    private static long Largest(ModelDefinition model, ReadOnlyMemory<byte> body)
    {
        using var parsed = JsonDocument.Parse(body);
        return parsed.RootElement.ValueKind is JsonValueKind.Object
            ? Prices.Largest(model, new ModelRequest { Body = JsonObject.Create(parsed.RootElement)! })
            : Prices.Largest(model, body.Length, null);
    }
}
