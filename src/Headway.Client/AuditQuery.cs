using System.Globalization;

namespace Headway.Client;

/// <summary>Which audit events to list. Every filter is optional and all must hold.</summary>
public sealed record AuditQuery
{
    /// <summary>The thing that results belong to, such as `encounter/8812`.</summary>
    public string? Subject { get; init; }

    /// <summary>The key or person who did it.</summary>
    public string? Actor { get; init; }

    /// <summary>What was done.</summary>
    public string? Action { get; init; }

    /// <summary>Name of the feature.</summary>
    public string? Feature { get; init; }

    /// <summary>Id of the job.</summary>
    public string? Job { get; init; }

    /// <summary>At or after this time.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Events per page, 1 to 200. Default: the server's.</summary>
    public int? PageSize { get; init; }

    internal string ToQueryString(string? cursor = null)
    {
        var parts = new List<string>();
        Add("subject", Subject);
        Add("actor", Actor);
        Add("action", Action);
        Add("feature", Feature);
        Add("job", Job);
        Add("since", Text(Since));
        Add("until", Text(Until));
        Add("limit", PageSize?.ToString(CultureInfo.InvariantCulture));
        Add("cursor", cursor);
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);

        void Add(string name, string? value)
        {
            if (value is not null) parts.Add($"{name}={Uri.EscapeDataString(value)}");
        }
    }

    private static string? Text(DateTimeOffset? at) => at?.UtcDateTime.ToString(WireTime.Format, CultureInfo.InvariantCulture);
}
