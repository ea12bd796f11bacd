using Headway.Access;

namespace Headway.AspNetCore.Routing;

/// <summary>Of a route: whoever calls it has one of these roles. None: it asks nobody who calls.</summary>
internal sealed record RequiredRoles(Roles Any)
{
    /// <summary>What it shows or changes is all tenants'.</summary>
    public bool Everywhere { get; init; }

    /// <summary>It tells of all features: nothing for a key that is for some.</summary>
    public bool WholeTenant { get; init; }

    /// <summary>Of a route that does not say: nobody gets in by an oversight.</summary>
    public static readonly RequiredRoles Forgotten = new(Roles.Admin);
}
