using Headway.Features.Shapes;

namespace Headway.Features.Reading;

/// <summary>Reads the sections that are not about models and features.</summary>
internal static class ServerReader
{
    private const string Sqlite = "sqlite:";

    public static ServerOptions Server(Section root, string folder, List<Finding> findings)
    {
        var server = root.Under("server");
        var audit = server.Under("audit");
        return new ServerOptions
        {
            Listen = server.Url("listen"),
            Database = server.Text("database") is { } address ? Beside(folder, address) : null,
            MasterKey = server.Text("masterKey"),
            Tls = Tls(server.Under("tls"), folder),
            Auth = server.Has("auth") ? AuthReader.Read(server.Under("auth"), findings) : null,
            Audit = new AuditOptions
            {
                Checkpoints = audit.Text("checkpoints") is { } path ? Path.GetFullPath(path, folder) : null,
                Keep = audit.Value("keep", AuditOptions.KeptByDefault),
            },
            Place = root.PlaceOf("server", default),
        };
    }

    private static TlsOptions? Tls(Section tls, string folder) =>
        tls.Text("certificate") is { } certificate && tls.Text("key") is { } key ? new TlsOptions(Path.GetFullPath(certificate, folder), Path.GetFullPath(key, folder)) : null;

    // Relative to the feature file like everything it names: started from another folder, the same file must find the same jobs.
    private static string Beside(string folder, string address) => address.StartsWith(Sqlite, StringComparison.Ordinal)
        ? Sqlite + Path.GetFullPath(address[Sqlite.Length..], folder)
        : address;

    public static IReadOnlyDictionary<string, EndpointDefinition> Endpoints(Section root)
    {
        var endpoints = new Dictionary<string, EndpointDefinition>(StringComparer.Ordinal);
        foreach (var (name, section) in root.Named("endpoints"))
        {
            if (section.Url("webhook") is { } webhook)
                endpoints.Add(name.Text, Endpoint(name.Text, webhook, name.Place, section) with { AllowedData = ModelReader.AllowedData(section), Concurrency = section.Value("concurrency", EndpointDefinition.UsualConcurrency) });
        }

        return endpoints;
    }

    public static TenantOptions Tenant(Section section)
    {
        var limits = section.Under("limits");
        return new TenantOptions
        {
            Budget = ModelReader.BudgetOf(section),
            Weight = section.Value("weight", 1),
            RequestsPerMinute = limits.Value<int>("requestsPerMinute"),
            Running = limits.Value<int>("running"),
            Queued = limits.Value<int>("queued"),
        };
    }

    public static IReadOnlyList<BatchDefinition> Batches(Section root) =>
    [
        .. root.Named("batches").Where(batch => batch.Section.Text("feature") is not null).Select(batch => new BatchDefinition
        {
            Name = batch.Name.Text,
            Feature = batch.Section.Text("feature")!,
            Schedule = batch.Section.Text("schedule"),
            Window = batch.Section.Text("window"),
            FreshFor = batch.Section.Value<TimeSpan>("freshFor"),
            Place = batch.Name.Place,
        }),
    ];

    public static IReadOnlyList<SinkDefinition> Sinks(Section root) =>
    [
        .. from part in root.Named("batches").Concat(root.Named("sources"))
           where part.Section.Text("feature") is not null
           let receiver = WebhookSink(part.Name.Text, part.Section)
           where receiver is not null
           select new SinkDefinition(part.Section.Text("feature")!, receiver),
    ];

    private static EndpointDefinition? WebhookSink(string name, Section section)
    {
        if (section.Find("sink") is not { } node)
            return null;
        var sink = new Section(node, FeatureFileShape.WebhookSink);
        return sink.Url("webhook") is { } webhook
            ? new EndpointDefinition { Name = name, Webhook = webhook, Secrets = sink.Text("secret") is { } secret ? [secret] : [], AllowedData = ModelReader.AllowedData(sink), Place = node.Place }
            : null;
    }

    /// <summary>What every receiver of webhooks has.</summary>
    public static EndpointDefinition Endpoint(string name, Uri webhook, Place place, Section section) => new()
    {
        Name = name,
        Webhook = webhook,
        Secrets = [.. section.OneOrMore<string>("secret").Select(secret => secret.Value), .. section.Text("previousSecret") is { } previous ? [previous] : Array.Empty<string>()],
        AllowPrivate = section.Value("allowPrivate", false),
        Place = place,
    };
}
