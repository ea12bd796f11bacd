using Headway.Features;

namespace Headway.Advice.Obligations;

internal sealed class DataAllowed : Obligation
{
    public override string Owes => "every model in the chain, HTTP service, pull worker, endpoint and sink declares `allowedData` for the class of the data";
    public override IReadOnlyList<string> Codes => ["data-model", "data-http", "data-worker", "data-endpoint", "data-sink", "data-feature"];

    public override IEnumerable<Finding> Missing(FeatureVersion version, FeatureFile file)
    {
        var data = version.Contract.Data;
        foreach (var model in ModelsOf(version, file).Where(model => !model.AllowedData.Contains(data)))
            yield return Refused("data-model", $"the model {model.Name}", model.AllowedData, "handler.models", "handler.steps", "handler");

        foreach (var service in ServicesOf(version).Where(service => !service.AllowedData.Contains(data)))
            yield return Refused("data-http", $"the service {service.Url}", service.AllowedData, "handler");

        if (version.Handler is WorkerDefinition workers && !workers.AllowedData.Contains(data))
            yield return Refused("data-worker", "a worker", workers.AllowedData, "handler");

        foreach (var endpoint in EndpointsOf(version, file).Where(endpoint => !endpoint.AllowedData.Contains(data)))
        {
            // Not forbidden: what it is sent then holds nothing of the data.
            yield return Warning(version, "data-endpoint",
                $"the endpoint {endpoint.Name} may not see {Words.Of(data)} data, and is told which job ended and nothing else; if the agreement covers it, say so under its `allowedData`.", "delivery");
        }

        foreach (var sink in file.Sinks.Where(sink => sink.Feature == version.Feature && !sink.Receiver.AllowedData.Contains(data)))
            yield return Refused("data-sink", $"the sink of {sink.Receiver.Name} (line {sink.Receiver.Place.Line})", sink.Receiver.AllowedData, "contract.data");

        foreach (var called in CalledBy(version, file).Where(called => called.Contract.Data < data))
        {
            yield return Error(version, "data-feature",
                $"its {Words.Of(data)} data would become {Words.Of(called.Contract.Data)} in {called.FullName}; declare `data: {Words.Of(data)}` there.", "handler");
        }

        Finding Refused(string code, string what, IReadOnlySet<DataClass> allowed, params ReadOnlySpan<string> paths) => Error(version, code,
            $"{what} may not see {Words.Of(data)} data, only {string.Join(", ", allowed.Order().Select(Words.Of))}; "
            + "if the agreement covers it, say so under `allowedData`, else choose another.", paths);
    }

    private static IEnumerable<FeatureVersion> CalledBy(FeatureVersion version, FeatureFile file) => version.Handler is StepsDefinition steps
        ? steps.Features.Where(file.Features.ContainsKey).Select(name => file.Features[name].Latest)
        : [];
}
