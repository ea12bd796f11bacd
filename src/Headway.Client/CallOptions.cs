namespace Headway.Client;

/// <summary>What a caller asks of the contract, and says about the job.</summary>
public sealed record CallOptions
{
    /// <summary>Version of the feature. Default: the latest.</summary>
    public int? Version { get; init; }

    /// <summary>How long a hybrid feature may hold the call open, up to its contract's wait. Default: the contract's wait.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>Asks a hybrid feature for a job at once. Default: false.</summary>
    public bool Async { get; init; }

    /// <summary>A repeat with the same key gets the same job instead of another one. Default: none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The thing the result belongs to, such as `encounter/8812`.</summary>
    public string? Subject { get; init; }

    /// <summary>0 to 9, higher first. Default: the server's, 5.</summary>
    public int? Priority { get; init; }

    /// <summary>How long from acceptance the result is worth anything; a job not finished by then is dead. Default: for ever.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>How long to wait before it starts; async only. Default: not at all.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>While a job with this key is under way, the call is given that job: `KEY`, or `KEY; for=1h` to go on so after its end; async and hybrid. Default: none.</summary>
    public string? Unique { get; init; }

    /// <summary>The call takes the place of the job that waits under this key: `KEY; for=30s; max=5m`; async only. Default: none.</summary>
    public string? Debounce { get; init; }

    /// <summary>Name of a registered endpoint that also gets the result.</summary>
    public string? Endpoint { get; init; }

    /// <summary>A JSON object kept with the job.</summary>
    public string? Metadata { get; init; }
}

/// <summary>Which jobs to list. Every filter is optional, and all must hold.</summary>
public sealed record JobQuery
{
    /// <summary>Name of the feature.</summary>
    public string? Feature { get; init; }

    /// <summary>Where the jobs stand.</summary>
    public JobState? State { get; init; }

    /// <summary>The thing the results belong to.</summary>
    public string? Subject { get; init; }

    /// <summary>The model that answered.</summary>
    public string? Model { get; init; }

    /// <summary>Code of the error.</summary>
    public string? Error { get; init; }

    /// <summary>Version of the feature.</summary>
    public int? Version { get; init; }

    /// <summary>Fingerprint of the error: what went wrong where.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>A searchable metadata value, as `key=value`.</summary>
    public string? Query { get; init; }

    /// <summary>Accepted at or after this time.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Jobs per page, 1 to 200. Default: the server's, 50.</summary>
    public int? PageSize { get; init; }

    internal string ToQueryString(string? cursor = null, bool? dryRun = null, int? atMost = null)
    {
        (string Name, string? Value)[] pairs =
        [
            ("feature", Feature), ("state", State?.ToString().ToLowerInvariant()), ("subject", Subject), ("model", Model), ("error", Error), ("q", Query),
            ("version", Version?.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("fingerprint", Fingerprint),
            ("since", Since?.UtcDateTime.ToString(WireTime.Format, System.Globalization.CultureInfo.InvariantCulture)),
            ("limit", PageSize?.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("cursor", cursor),
            ("dryRun", dryRun is null ? null : dryRun.Value ? "true" : "false"), ("atMost", atMost?.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ];
        var query = string.Join('&', pairs.Where(pair => pair.Value is not null).Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value!)}"));
        return query.Length == 0 ? "" : "?" + query;
    }
}
