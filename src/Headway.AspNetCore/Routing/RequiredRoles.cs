using Headway.Access;

namespace Headway.AspNetCore.Routing;

/// <summary>Of a route: whoever calls it has one of these roles.</summary>
internal sealed record RequiredRoles(Roles Any);
