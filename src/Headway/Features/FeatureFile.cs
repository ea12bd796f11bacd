namespace Headway.Features;

/// <summary>A feature file that has been read, substituted and found valid. Immutable; a reload makes another one.</summary>
internal sealed record FeatureFile
{
    /// <summary>The path as given; templates and schemas are relative to its folder.</summary>
    public required string Path { get; init; }
    public ServerOptions Server { get; init; } = new();
    public required IReadOnlyDictionary<string, ModelDefinition> Models { get; init; }

    /// <summary>By name, in the order of the file. Exposed models are among them.</summary>
    public required IReadOnlyDictionary<string, Feature> Features { get; init; }
    public IReadOnlyDictionary<string, ToolServerDefinition> ToolServers { get; init; } = new Dictionary<string, ToolServerDefinition>();
    public IReadOnlyDictionary<string, EndpointDefinition> Endpoints { get; init; } = new Dictionary<string, EndpointDefinition>();

    /// <summary>By name; `default` is for tenants that are not named.</summary>
    public IReadOnlyDictionary<string, TenantOptions> Tenants { get; init; } = new Dictionary<string, TenantOptions>();

    public IReadOnlyList<BatchDefinition> Batches { get; init; } = [];

    /// <summary>Webhooks that batches and sources post results to.</summary>
    public IReadOnlyList<SinkDefinition> Sinks { get; init; } = [];

    /// <summary>Sections that are valid but not served by this program yet: batches, sources and the like, with their places.</summary>
    public IReadOnlyDictionary<string, Place> Unserved { get; init; } = new Dictionary<string, Place>();
}

/// <summary>The `server` section. A command-line option or environment variable wins over it.</summary>
internal sealed record ServerOptions
{
    public Uri? Listen { get; init; }

    /// <summary>sqlite:FILE with the full path, or postgres://…</summary>
    public string? Database { get; init; }

    /// <summary>Base64 of 32 bytes. Null: a key file beside the database.</summary>
    public string? MasterKey { get; init; }

    /// <summary>With what the listener proves who it is; null: it speaks plain HTTP.</summary>
    public TlsOptions? Tls { get; init; }

    /// <summary>Whose tokens are taken; null: nobody's.</summary>
    public IssuerOptions? Auth { get; init; }
    public AuditOptions Audit { get; init; } = new();
    public Place Place { get; init; }
}

/// <summary>How the audit trail is kept.</summary>
internal sealed record AuditOptions
{
    /// <summary>Six years, whichever they are: two of them may be leap years.</summary>
    public static readonly TimeSpan KeptByDefault = TimeSpan.FromDays((6 * 365) + 2);

    /// <summary>The full path of the file that checkpoints are shipped to; null: to the log alone.</summary>
    public string? Checkpoints { get; init; }

    /// <summary>How long events are kept.</summary>
    public TimeSpan Keep { get; init; } = KeptByDefault;
}

/// <summary>Files in PEM, with full paths, that are read again when they change.</summary>
internal sealed record TlsOptions(string Certificate, string Key);

/// <summary>A named receiver of results. Callers name endpoints, never URLs.</summary>
internal sealed record EndpointDefinition
{
    public required string Name { get; init; }
    public required Uri Webhook { get; init; }

    /// <summary>Before base64; anything else is a secret as it stands.</summary>
    public const string EncodedSecret = "whsec_";

    /// <summary>Each signs; the one in use first. Empty: nothing is signed.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];
    public IReadOnlySet<DataClass> AllowedData { get; init; } = ModelDefinition.DefaultAllowedData;

    /// <summary>Whether its address may be one of this machine or of a private network.</summary>
    public bool AllowPrivate { get; init; }

    /// <summary>Posts that are under way at once, on each node. A receiver that is slow is not helped by more, one that is fast needs no more.</summary>
    public int Concurrency { get; init; } = 8;
    public Place Place { get; init; }
}

/// <summary>A dataset put through a feature: what the obligations of batch mode are judged by.</summary>
internal sealed record BatchDefinition
{
    public required string Name { get; init; }
    public required string Feature { get; init; }
    public string? Schedule { get; init; }
    public string? Window { get; init; }
    public TimeSpan? FreshFor { get; init; }
    public Place Place { get; init; }
}

/// <summary>Where the results of a feature leave the machine because a batch or a source sends them there.</summary>
internal sealed record SinkDefinition(string Feature, EndpointDefinition Receiver);
