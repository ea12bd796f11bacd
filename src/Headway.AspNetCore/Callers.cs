using Headway.Access;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore;

/// <summary>Who calls: whoever the entrance has admitted; where nobody is asked, the local actor of the default tenant, at the address the connection came from.</summary>
internal static class Callers
{
    private static readonly object Key = new();

    public static Caller Of(HttpContext context)
    {
        if (context.Features.Get<Caller>() is { } admitted) return admitted;
        if (context.Features.Get<IConnectionItemsFeature>()?.Items is not { } items) return Make(context);
        // Found once per connection: every call of it comes from the same place.
        lock (items)
        {
            // Calls of one HTTP/2 connection come side by side.
            if (items.TryGetValue(Key, out var known)) return (Caller)known!;
            var caller = Make(context);
            items[Key] = caller;
            return caller;
        }
    }

    public static void Set(HttpContext context, Caller admitted) => context.Features.Set(admitted);

    public static string? AddressOf(HttpContext context) => context.Connection.RemoteIpAddress?.ToString();

    private static Caller Make(HttpContext context) => AddressOf(context) is { } address ? Caller.Local with { Address = address } : Caller.Local;
}
