namespace Headway.Features;

/// <summary>A named server of tools that speaks the Model Context Protocol: at an address, or as a program beside this one.</summary>
internal sealed record ToolServerDefinition
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    public required string Name { get; init; }

    /// <summary>Its streamable HTTP endpoint. Null: it is a program.</summary>
    public Uri? Url { get; init; }

    /// <summary>Extra request headers.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The program and its arguments. Empty: it has an address.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>All that the program finds in its environment beside what any program needs.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Where the program is started.</summary>
    public string Folder { get; init; } = "";

    public IReadOnlySet<DataClass> AllowedData { get; init; } = ModelDefinition.DefaultAllowedData;

    /// <summary>Of one call of a tool, and of connecting.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;
    public Place Place { get; init; }

    /// <summary>How it is reached: while that stays the same, so does the connection.</summary>
    public string Address => string.Join('\n', [Url?.AbsoluteUri ?? "", Folder, .. Command, .. Pairs(Headers), .. Pairs(Environment)]);

    private static IEnumerable<string> Pairs(IReadOnlyDictionary<string, string> named) => named.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}");
}

/// <summary>What a prompt lets its model call: all tools of a server, or one of them.</summary>
/// <param name="Tool">Null: all.</param>
internal readonly record struct ToolName(string Server, string? Tool)
{
    /// <summary>`drugs` or `drugs/lookup`. Names of tools may have slashes of their own.</summary>
    public static ToolName Of(string written) => written.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? new(written[..slash], written[(slash + 1)..]) : new(written, null);
}
