using System.Security.Cryptography;
using System.Text;

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

    public AlertOptions Alerts { get; init; } = new();

    /// <summary>Whoever is posted to: the endpoints, and the addresses that only alerts go to.</summary>
    public IEnumerable<EndpointDefinition> Receivers => Endpoints.Values.Concat(Alerts.Own.Values);

    /// <summary>Null: there is none of that name.</summary>
    public EndpointDefinition? ReceiverOf(string name) => Endpoints.GetValueOrDefault(name) ?? Alerts.Own.GetValueOrDefault(name);

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

/// <summary>When operators are told, and who.</summary>
internal sealed record AlertOptions
{
    // No endpoint can be called so: a name has no dot.
    private const string Reserved = "alert.";

    /// <summary>Names of those who are told: endpoints, and those of <see cref="Own"/>.</summary>
    public IReadOnlyList<string> To { get; init; } = [];

    /// <summary>Addresses that only alerts go to, as endpoints under names of their own, which callers cannot name.</summary>
    public IReadOnlyDictionary<string, EndpointDefinition> Own { get; init; } = new Dictionary<string, EndpointDefinition>();

    /// <summary>Dead letters of a feature that can be asked for.</summary>
    public const int MostDeadLetters = 100_000;

    /// <summary>Of a feature.</summary>
    public int DeadLetters { get; init; } = 1;

    /// <summary>Of the oldest job of a version that could run.</summary>
    public TimeSpan QueueAge { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Gaps that are counted.</summary>
    public const int MostGaps = 10_000;

    /// <summary>Of a kind.</summary>
    public int Gaps { get; init; } = 1;

    /// <summary>Share of the posts to an endpoint, from 0 to 1.</summary>
    public double WebhookFailures { get; init; } = 0.05;

    /// <summary>Whether a name is one of a receiver of alerts alone.</summary>
    public static bool IsReserved(string name) => name.StartsWith(Reserved, StringComparison.Ordinal);

    /// <summary>The name of an address: by its host for people, and by all of it for the same address to have the same name, wherever in the file it stands.</summary>
    public static string NameOf(Uri webhook)
    {
        var host = string.Concat(webhook.IdnHost.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' ? letter : '-'));
        // Said as little of the path, which may hold a token, as tells two of them apart.
        return $"{Reserved}{host}.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(webhook.AbsoluteUri)).AsSpan(0, 4))}";
    }
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
    public int Concurrency { get; init; } = UsualConcurrency;

    public const int UsualConcurrency = 8;
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
