namespace Headway.Features;

/// <summary>Whose tokens are taken: `server.auth` of the feature file.</summary>
internal sealed record IssuerOptions
{
    /// <summary>Ways to sign a token whose key the signer alone has (RFC 7518). Others are not among them: who checks a token with a shared secret can also make one.</summary>
    public static readonly IReadOnlyList<string> AllAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    public static readonly IReadOnlyList<string> UsualAlgorithms = ["RS256", "PS256", "ES256"];

    public required Uri Issuer { get; init; }

    /// <summary>As the file writes it: `iss` is compared letter by letter.</summary>
    public required string IssuerText { get; init; }

    /// <summary>Any of these will do.</summary>
    public required IReadOnlyList<string> Audiences { get; init; }

    /// <summary>Null: by discovery.</summary>
    public Uri? JwksUrl { get; init; }
    public IReadOnlyList<string> Algorithms { get; init; } = UsualAlgorithms;
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Of all who come with a token; null: the claim says.</summary>
    public string? Tenant { get; init; }

    /// <summary>Dots go into objects.</summary>
    public string? TenantClaim { get; init; }
    public string RolesClaim { get; init; } = "roles";

    /// <summary>Values of that claim by the role they give, in the words of the file; null: they are the roles' own names.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Roles { get; init; }

    /// <summary>Values of that claim whose holders administer, and work for, all tenants.</summary>
    public IReadOnlyList<string> AllTenants { get; init; } = [];
}

/// <summary>How tenants may be called.</summary>
internal static class TenantNames
{
    public const string Pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";
    public const string Rule = "1 to 64 letters, digits, dots, hyphens and underscores, a letter or digit first";

    public static bool Is(string text) => text.Length is >= 1 and <= 64 && char.IsAsciiLetterOrDigit(text[0]) && text.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '.' or '_' or '-');
}
