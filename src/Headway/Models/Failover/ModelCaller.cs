using Headway.Audit;
using Headway.Features;
using Headway.Models.Limits;

namespace Headway.Models.Failover;

/// <summary>Asks one model once, if it may be asked: the data rule, its health, its limits, the budget and the disclosure before anything leaves, the judgement of what comes back.</summary>
internal sealed class ModelCaller(ModelCatalog catalog)
{
    /// <param name="patience">How long it may wait for the limits of the model.</param>
    public async Task<CallEnd> CallAsync(string name, ModelRequest request, ChainTerms terms, TimeSpan patience, CancellationToken stop)
    {
        if (catalog.Find(name) is not { } model) return CallEnd.Of(Faults.Unknown(name));
        if (!model.AllowedData.Contains(terms.Data)) return CallEnd.Of(Faults.DataNotAllowed(model, terms.Data));
        if (catalog.ProviderOf(model) is not { } provider) return CallEnd.Of(Faults.NoProvider(model));
        var health = catalog.HealthOf(model);
        if (health.Refuses(model) is { } refusal) return CallEnd.Of(refusal);

        // A budget can only be kept if the longest answer is known before it is asked for.
        if (terms.Budget.IsLimited && request.MaxTokens is null) request = request with { MaxTokens = Prices.LongestUnsaid };
        if (catalog.Gates?.For(model) is not { } gate) return await PayAsync(model, provider, health, request, null, terms, stop).ConfigureAwait(false);

        var entry = await gate.EnterAsync(model, new GateCall(terms.Tenant, Prices.Expected(model, request), patience, terms.Waits), stop).ConfigureAwait(false);
        if (entry.Fault is { } full) return CallEnd.Of(full);
        using var pass = entry.Pass!;
        // It may have failed others meanwhile.
        if (pass.Waited && !health.IsUp && health.Refuses(model) is { } down) return CallEnd.Of(down);
        return await PayAsync(model, provider, health, request, pass, terms, stop).ConfigureAwait(false);
    }

    private async Task<CallEnd> PayAsync(ModelDefinition model, Provider provider, ModelHealth health, ModelRequest request, ModelPass? pass, ChainTerms terms, CancellationToken stop)
    {
        var largest = terms.Budget.IsLimited ? Prices.Largest(model, request) : 0;
        if (await terms.Budget.OpenAsync(largest, stop).ConfigureAwait(false) is { } exhausted) return CallEnd.Of(Faults.BudgetExhausted(model, exhausted.Message, exhausted.Limit.Ends - catalog.Time.GetUtcNow()));
        try
        {
            return await AskAsync(model, provider, health, request, pass, terms, stop).ConfigureAwait(false);
        }
        finally
        {
            terms.Budget.Close(largest);
        }
    }

    private async Task<CallEnd> AskAsync(ModelDefinition model, Provider provider, ModelHealth health, ModelRequest request, ModelPass? pass, ChainTerms terms, CancellationToken stop)
    {
        await terms.Disclosures.OpenAsync(new Disclosure(model.Name, model.Provider), stop).ConfigureAwait(false);
        if (request.Try == 1) health.Retries.Earn();
        var at = catalog.Time.GetUtcNow();
        var held = terms is { Hold: true, Show: { } show } ? new HeldOutput(show) : null;
        pass?.Send();
        ModelReply reply;
        try
        {
            reply = await provider.AskAsync(model, request, held is null ? terms.Show : held.TakeAsync, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Given up before its first token: nothing is known of its cost, and that it was asked is a fact all the same.
            terms.Spent.Add(new ModelCall(model.Name, null, at, default, "stopped"));
            throw;
        }

        if (reply is ModelReply.Stopped stopped)
        {
            pass?.Use(stopped.Usage);
            terms.Spent.Add(new ModelCall(model.Name, null, at, stopped.Usage, "stopped"));
            throw new OperationCanceledException(stop);
        }

        var end = Judge(model, reply, terms);
        pass?.Use(end.Usage);
        terms.Spent.Add(new ModelCall(model.Name, (reply as ModelReply.Answered)?.Answer.ProviderModel, at, end.Usage, end.Fault?.Failure.Code));
        if (end.Fault is not { NotAsked: true }) health.Report(end.Fault, reply.Limits);
        if (end.Fault is null && held is not null) await held.ReleaseAsync(stop).ConfigureAwait(false);
        return end;
    }

    private static CallEnd Judge(ModelDefinition model, ModelReply reply, ChainTerms terms)
    {
        if (reply is ModelReply.Failed failed) return CallEnd.Of(failed.Fault);
        var answer = ((ModelReply.Answered)reply).Answer;
        var objection = terms.Judge(model, answer);
        return objection is null ? new CallEnd(answer, null, answer.Usage) : new CallEnd(null, objection with { Usage = answer.Usage }, answer.Usage);
    }
}

/// <summary>How a call of one model ended: an answer that stands, or a fault; and what it cost either way.</summary>
internal readonly record struct CallEnd(ModelAnswer? Answer, ModelFault? Fault, Usage Usage)
{
    public static CallEnd Of(ModelFault fault) => new(null, fault, fault.Usage);
}
