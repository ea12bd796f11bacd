using Headway.Access;
using Headway.Client;
using Headway.Features;

namespace Headway.AspNetCore.Access;

/// <summary>Reads what somebody wants of a key; the command line, which may make one without a server, does so too.</summary>
internal static class KeyWishes
{
    private const int LongestName = 100;
    private const int MostFeatures = 200;
    private const int MostPerMinute = 1_000_000_000;

    /// <summary>The wish, or what is wrong with it.</summary>
    /// <param name="by">Who asks.</param>
    public static (string? Wrong, KeyWish? Wish) Read(KeyWishRecord asked, Caller by, FeatureFile file, DateTimeOffset now)
    {
        if (asked.Name.Length is 0 or > LongestName || asked.Name.Any(char.IsControl)) return ($"`name` has 1 to {LongestName} characters, none of them a control character.", null);
        var tenant = asked.Tenant ?? by.Tenant;
        if (!TenantNames.Is(tenant)) return ($"`tenant` is {TenantNames.Rule}.", null);
        var roles = Roles.None;
        foreach (var word in asked.Roles ?? ["caller"])
        {
            if (RoleWords.Read(word) is not (not Roles.None and var role)) return ($"{Phrases.Quote(word)} is no role.{Phrases.Suggest(word, RoleWords.All)} Roles are {string.Join(", ", RoleWords.All)}.", null);
            roles |= role;
        }

        if (roles is Roles.None) return ($"`roles` names at least one of {string.Join(", ", RoleWords.All)}.", null);
        if (Features(asked, roles, file) is { } wrong) return (wrong, null);
        if (asked.MaxPriority is < 0 or > 9) return ("`maxPriority` is 0 to 9.", null);
        if (asked.RequestsPerMinute is < 1 or > MostPerMinute) return ($"`requestsPerMinute` is 1 to {MostPerMinute}.", null);
        if (asked.Expires <= now) return ("`expires` must be in the future.", null);
        if (asked.AllTenants && (roles & (Roles.Admin | Roles.Worker | Roles.Operator)) == 0) return ("`allTenants` is for what an admin, an operator or a worker does: calls and what they leave are of one tenant.", null);
        return (null, new KeyWish(asked.Name, tenant, roles) { Everywhere = asked.AllTenants, Features = asked.Features, MostPriority = asked.MaxPriority, RequestsPerMinute = asked.RequestsPerMinute, Expires = asked.Expires });
    }

    private static string? Features(KeyWishRecord asked, Roles roles, FeatureFile file)
    {
        if (asked.Features is not { } features) return null;
        if (features.Count is 0 or > MostFeatures) return $"`features` names 1 to {MostFeatures}; left out it is all.";
        if ((roles & Roles.Admin) != 0) return "An admin can make any key, so `features` would keep nothing from it. Leave one of them out.";
        return features.FirstOrDefault(name => !file.Features.ContainsKey(name)) is { } unknown ? $"The feature file has no {Phrases.Quote(unknown)}.{Phrases.Suggest(unknown, file.Features.Keys)}" : null;
    }

    /// <summary>Why it could not be done, with the cure.</summary>
    public static string Why(KeyRefusal refusal, string id) => refusal switch
    {
        KeyRefusal.First => "The first key closes the server to everybody without one, so it must be able to make others. Make it with: headway keys create NAME --role admin --all-tenants",
        KeyRefusal.LastRuler => $"{id} is the last key that can make others for all tenants. Make another one first: headway keys create NAME --role admin --all-tenants",
        KeyRefusal.Full => $"There are {ChangeKeys.Most} keys, as many as there may be; those that are over count for a year. Use one key for several consumers, or tokens of an issuer (server.auth).",
        KeyRefusal.Over => $"{id} was revoked or has expired. Make another one.",
        _ => $"There is no key {Phrases.Quote(id)}. headway keys list shows those there are.",
    };
}
