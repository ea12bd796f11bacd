using Headway.Features;

namespace Headway.Advice.Obligations;

internal sealed class BatchWork : Obligation
{
    public override string Owes => "batch: a window or a schedule, and how long the result is fresh";
    public override IReadOnlyList<string> Codes => ["batch-window", "batch-freshness"];

    public override IEnumerable<Finding> Missing(FeatureVersion version, FeatureFile file)
    {
        if (version.Contract.Mode is not Mode.Batch)
            yield break;

        var batches = file.Batches.Where(batch => batch.Feature == version.Feature).ToList();
        if (batches.Count == 0)
        {
            yield return Error(version, "batch-window", "no batch of the file puts a dataset through it; declare one under `batches` with a schedule or a window and `freshFor`.",
                "contract.mode");
        }

        foreach (var batch in batches)
        {
            if (batch.Schedule is null && batch.Window is null)
                yield return Finding.Error("batch-window", $"batches.{batch.Name} says not when it works; add `schedule` or `window`.", batch.Place, version.Feature);
            if (batch.FreshFor is null)
                yield return Finding.Error("batch-freshness", $"batches.{batch.Name} says not how long its result is fresh; add `freshFor`.", batch.Place, version.Feature);
        }
    }
}
