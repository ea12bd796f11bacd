using Headway.Audit;
using Headway.Features;
using Microsoft.Extensions.Logging;

namespace Headway.Models;

/// <summary>Asks the models of a chain in order until one gives an answer that stands. Falls over to the right only, and never once output was shown.</summary>
internal sealed class ModelChain(ModelCatalog catalog, IReadOnlyList<string> names)
{
    public async Task<ChainReply> AskAsync(ModelRequest request, ChainTerms terms, CancellationToken stop)
    {
        var spent = new Usage();
        var faults = new List<ModelFault>();
        for (var i = Math.Clamp(terms.FirstModel, 0, names.Count - 1); i < names.Count; i++)
        {
            if (faults.Count > 0 && catalog.Time.GetUtcNow() >= terms.Until)
                break;
            var (answer, fault) = await AskOneAsync(names[i], request, terms, stop).ConfigureAwait(false);
            var cost = answer?.Usage ?? fault!.Usage;
            terms.Spent.Add(cost);
            spent += cost;
            if (fault is null)
                return new ChainReply(answer, null, spent);

            faults.Add(fault);
            var outputWasShown = terms.Shown();
            if (outputWasShown || fault.OfInput)
                return new ChainReply(null, fault.Failure, spent);
            if (i + 1 < names.Count)
                catalog.Logger.LogWarning("Model {Model} failed with {Code}; {Next} is asked next", names[i], fault.Failure.Code, names[i + 1]);
        }

        return new ChainReply(null, Verdict(faults), spent);
    }

    private async Task<(ModelAnswer? Answer, ModelFault? Fault)> AskOneAsync(string name, ModelRequest request, ChainTerms terms, CancellationToken stop)
    {
        if (catalog.Find(name) is not { } model)
            return (null, Faults.Unknown(name));
        if (!model.AllowedData.Contains(terms.Data))
            return (null, Faults.DataNotAllowed(model, terms.Data));
        if (catalog.ProviderOf(model) is not { } provider)
            return (null, Faults.NoProvider(model));

        await terms.Disclosures.OpenAsync(new Disclosure(model.Name, model.Provider), stop).ConfigureAwait(false);
        var reply = await provider.AskAsync(model, request, terms.Show, stop).ConfigureAwait(false);
        if (reply is ModelReply.Stopped stopped)
        {
            terms.Spent.Add(stopped.Usage);
            throw new OperationCanceledException(stop);
        }

        if (reply is ModelReply.Failed failed)
            return (null, failed.Fault);
        var answer = ((ModelReply.Answered)reply).Answer;
        var objection = terms.Judge(model, answer);
        return (answer, objection is null ? null : objection with { Usage = answer.Usage });
    }

    /// <summary>A key that is refused must not hide that another model would be free in ten seconds: what can be tried again counts.</summary>
    private static Failure Verdict(List<ModelFault> faults)
    {
        var told = (faults.FindLast(fault => fault.Failure.Retryable) ?? faults[^1]).Failure;
        var others = faults.Where(fault => fault.Failure != told).ToArray();
        if (others.Length == 0)
            return told;
        return told with
        {
            Message = $"{told.Message} The chain was tried: {string.Join(" ", others.Select(fault => fault.Failure.Message))}",
            RetryAfter = faults.Where(fault => fault.Failure.Retryable).All(fault => fault.Failure.RetryAfter is not null)
                ? faults.Min(fault => fault.Failure.RetryAfter)
                : null,
        };
    }
}

/// <summary>Under which conditions a chain is asked.</summary>
internal sealed record ChainTerms
{
    /// <summary>Index of the model that is asked first.</summary>
    public int FirstModel { get; init; }

    /// <summary>No further model is asked after this.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>The class of the data in the request.</summary>
    public required DataClass Data { get; init; }
    public required DisclosureLog Disclosures { get; init; }

    /// <summary>Told what each call cost as soon as that is known, however the chain ends.</summary>
    public UsageMeter Spent { get; init; } = new();

    /// <summary>Where pieces go; null: nobody looks at them.</summary>
    public TextSink? Show { get; init; }

    /// <summary>Whether the caller has seen anything of the answer.</summary>
    public Func<bool> Shown { get; init; } = static () => false;

    /// <summary>What is wrong with a complete answer; null: it stands.</summary>
    public Func<ModelDefinition, ModelAnswer, ModelFault?> Judge { get; init; } = static (_, _) => null;
}

/// <summary>The answer or the failure of a chain, and what all its calls cost together.</summary>
internal sealed record ChainReply(ModelAnswer? Answer, Failure? Failure, Usage Usage);
