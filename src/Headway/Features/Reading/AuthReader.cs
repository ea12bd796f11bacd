using Headway.Features.Yaml;

namespace Headway.Features.Reading;

/// <summary>Reads `server.auth`.</summary>
internal static class AuthReader
{
    private static readonly TimeSpan LongestSkew = TimeSpan.FromMinutes(10);
    private static readonly string[] RoleNames = ["caller", "operator", "approver", "auditor", "worker", "admin"];

    /// <summary>Null: it lacks what it must have, which was reported.</summary>
    public static IssuerOptions? Read(Section auth, List<Finding> findings)
    {
        foreach (var key in new[] { "issuer", "jwksUrl" }) RequireHttps(auth, key, findings);
        var skew = auth.Value<TimeSpan>("clockSkew");
        if (skew > LongestSkew)
            findings.Add(Finding.Error("auth-clock-skew", "server.auth.clockSkew is at most 10m: a token is worth something for so long after its end. Set the clocks right.", auth.PlaceOf("clockSkew", default)));
        if (auth.Has("tenant") && auth.Has("tenantClaim"))
            findings.Add(Finding.Error("auth-tenant", "server.auth has both a tenant for everybody and a claim that names it; keep one of them.", auth.PlaceOf("tenantClaim", default)));
        var audiences = auth.OneOrMore<string>("audience").Select(one => one.Value).ToList();
        if (auth.Url("issuer") is not { } issuer || audiences.Count == 0) return null;
        var roles = auth.Under("roles");
        return new IssuerOptions
        {
            Issuer = issuer,
            IssuerText = auth.Find("issuer") is { Kind: NodeKind.Scalar } written ? written.Text : issuer.OriginalString,
            Audiences = audiences,
            JwksUrl = auth.Url("jwksUrl"),
            Algorithms = auth.List<string>("algorithms") is { Count: > 0 } algorithms ? [.. algorithms.Select(one => one.Value)] : IssuerOptions.UsualAlgorithms,
            ClockSkew = skew ?? TimeSpan.FromMinutes(1),
            Tenant = auth.Text("tenant") ?? (auth.Has("tenantClaim") ? null : "default"),
            TenantClaim = auth.Text("tenantClaim"),
            RolesClaim = auth.Text("rolesClaim") ?? "roles",
            Roles = auth.Has("roles") ? RoleNames.ToDictionary(role => role, role => ValuesOf(roles, role), StringComparer.Ordinal) : null,
            AllTenants = ValuesOf(auth, "allTenants"),
        };
    }

    private static IReadOnlyList<string> ValuesOf(Section section, string key) => [.. section.OneOrMore<string>(key).Select(one => one.Value)];

    // Whoever can answer in the issuer's place can be anybody.
    private static void RequireHttps(Section auth, string key, List<Finding> findings)
    {
        if (auth.Url(key) is { } url && url.Scheme != "https" && !url.IsLoopback)
            findings.Add(Finding.Error("auth-https", $"server.auth.{key} is {url}: beyond loopback it must be https, or whoever is on the way can make tokens.", auth.PlaceOf(key, default)));
    }
}
