namespace Headway;

/// <summary>What a host decides about its Headway node. Every value left out is read from the environment, then from the feature file.</summary>
public sealed class HeadwayOptions
{
    /// <summary>Path of the feature file. Default: `HEADWAY_FILE`, else `headway.yaml` in the content root.</summary>
    public string? File { get; set; }

    /// <summary>`sqlite:FILE`, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. Default: `HEADWAY_DATABASE`, else `server.database` of the feature file, else `sqlite:headway.db` beside it.</summary>
    public string? Database { get; set; }

    /// <summary>
    /// Where to listen, such as `http://127.0.0.1:8080`; several are separated by `;`. Default: `HEADWAY_LISTEN`, else what the host was told in ASP.NET Core's own
    /// ways, else `server.listen` of the feature file, else `http://127.0.0.1:8080`. Where there is neither a key nor an issuer only loopback addresses are taken.
    /// </summary>
    public string? Listen { get; set; }

    /// <summary>
    /// What this node does of the whole: `api` takes calls, `worker` carries out what is queued, `api,worker` does both. One of them alone needs a PostgreSQL
    /// database. A node without `api` answers `/health/…` only. Default: `HEADWAY_DUTY`, else both.
    /// </summary>
    public string? Duty { get; set; }

    /// <summary>Features, or versions of them as `name@2`, whose queued jobs this node carries out; several are separated by `,`. Default: `HEADWAY_POOLS`, else all.</summary>
    public string? Pools { get; set; }

    /// <summary>Without keys: host names beside those of loopback under which callers may address the node, for use behind a proxy that passes the name on. Default: `HEADWAY_ALLOWED_HOSTS`, split at `;`, else none.</summary>
    public IReadOnlyList<string> AllowedHosts { get; set; } = [];

    /// <summary>Under which address systems outside reach the service, such as `https://ai.example.com`: what `Callback` gives them begins with it. Default: `HEADWAY_PUBLIC_URL`, else none.</summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>The last word on what the engine is started with: for hosts of our own tests.</summary>
    internal Func<EngineOptions, EngineOptions> Adjust { get; set; } = options => options;

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;
}
