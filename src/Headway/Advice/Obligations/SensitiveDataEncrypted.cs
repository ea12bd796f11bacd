using Headway.Features;

namespace Headway.Advice.Obligations;

internal sealed class SensitiveDataEncrypted : Obligation
{
    public override string Owes => "data personal or phi: https and a TLS database beyond loopback, and an encryption key";
    public override IReadOnlyList<string> Codes => ["data-https", "data-tls-database", "data-key"];

    public override IEnumerable<Finding> Missing(FeatureVersion version, FeatureFile file)
    {
        if (!version.Contract.IsSensitive)
            yield break;

        foreach (var (what, url) in Destinations(version, file).Where(to => to.Url.Scheme != Uri.UriSchemeHttps && !to.Url.IsLoopback))
        {
            yield return Error(version, "data-https",
                $"{what} would get {Words.Of(version.Contract.Data)} data in the clear over {url.Scheme}://{url.Authority}; use https.", "handler", "delivery");
        }

        if (file.Server.Database is { } database && PlainPostgres(database))
        {
            yield return Error(version, "data-tls-database",
                $"its {Words.Of(version.Contract.Data)} data would cross the network to the database without TLS; add sslmode=verify-full to server.database.", "contract.data");
        }

        // On loopback a key file is made beside the database at first start.
        if (file.Server is { Listen.IsLoopback: false, MasterKey: null })
        {
            yield return Error(version, "data-key",
                $"{Words.Of(version.Contract.Data)} data on a server beyond loopback needs server.masterKey (\"${{HEADWAY_MASTER_KEY}}\").", "contract.data");
        }
    }

    private static IEnumerable<(string What, Uri Url)> Destinations(FeatureVersion version, FeatureFile file) =>
    [
        .. ModelsOf(version, file).Where(model => model.BaseUrl is not null).Select(model => ($"the model {model.Name}", model.BaseUrl!)),
        .. ServicesOf(version).Select(service => ("its service", service.Url)),
        .. ToolServersOf(version, file).Where(server => server.Url is not null).Select(server => ($"the tool server {server.Name}", server.Url!)),
        .. EndpointsOf(version, file).Select(endpoint => ($"the endpoint {endpoint.Name}", endpoint.Webhook)),
        .. file.Sinks.Where(sink => sink.Feature == version.Feature).Select(sink => ($"the sink of {sink.Receiver.Name}", sink.Receiver.Webhook)),
    ];

    private static bool PlainPostgres(string database) =>
        Uri.TryCreate(database, UriKind.Absolute, out var url) && url.Scheme is "postgres" or "postgresql" && !url.IsLoopback
        && !new[] { "sslmode=require", "sslmode=verify-ca", "sslmode=verify-full" }.Any(mode => url.Query.Contains(mode, StringComparison.OrdinalIgnoreCase));
}
