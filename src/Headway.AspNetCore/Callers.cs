using Headway.Access;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore;

/// <summary>Who calls: the local actor of the default tenant, at the address the connection came from.</summary>
internal static class Callers
{
    private static readonly object Key = new();

    /// <summary>Found once per connection: every call of it comes from the same place.</summary>
    public static Caller Of(HttpContext context)
    {
        if (context.Features.Get<IConnectionItemsFeature>()?.Items is not { } items) return Make(context);
        lock (items)
        {
            // Calls of one HTTP/2 connection come side by side.
            if (items.TryGetValue(Key, out var known)) return (Caller)known!;
            var caller = Make(context);
            items[Key] = caller;
            return caller;
        }
    }

    private static Caller Make(HttpContext context)
        => context.Connection.RemoteIpAddress is { } address ? Caller.Local with { Address = address.ToString() } : Caller.Local;
}
