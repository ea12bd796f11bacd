using Headway.Access;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore;

/// <summary>Who calls: the local actor of the default tenant, at the address the connection came from.</summary>
internal static class Callers
{
    public static Caller Of(HttpContext context)
        => context.Connection.RemoteIpAddress is { } address ? Caller.Local with { Address = address.ToString() } : Caller.Local;
}
