using System.Collections.Frozen;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Headway.AspNetCore.Routing;

/// <summary>
/// Keeps other people's web pages out. A node without keys trusts its machine, but a browser on that machine also shows foreign pages: these
/// can post forms to loopback, and can make their own name point at loopback (DNS rebinding) to read the answers. Where a key is asked for, a name opens
/// nothing, and any will do.
/// </summary>
internal sealed class Neighbourhood(IOptions<HeadwayOptions> options, EngineHost engine)
{
    private readonly FrozenSet<string> _names = options.Value.AllowedHosts.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly Problem Foreign = new(ProblemKind.OriginRefused,
        "The call came from a page of another origin. Headway answers pages of its own origin only: call it from your backend.");

    public Problem? Refuse(HttpRequest request)
    {
        var host = request.Host.Value ?? "";
        if (!IsUsual(host) && !IsOurs(request.Host) && !(engine.IsRunning && engine.Engine.Access.IsClosed))
        {
            return new Problem(ProblemKind.HostRefused,
                $"Without keys Headway answers to names of loopback only, not to {Phrases.Quote(host)}. Call 127.0.0.1 or localhost; behind a proxy, add the name to AllowedHosts (HEADWAY_ALLOWED_HOSTS).");
        }

        if (request.Headers.Origin is not [{ } origin]) return null;
        return Uri.TryCreate(origin, UriKind.Absolute, out var from) && string.Equals(from.Authority, host, StringComparison.OrdinalIgnoreCase) ? null : Foreign;
    }

    // Nearly every call: told without taking the text apart. HTTP/1.0 probes send none.
    private static bool IsUsual(string host) => host.Length == 0
        || host.StartsWith("127.0.0.1:", StringComparison.Ordinal) || host.StartsWith("localhost:", StringComparison.Ordinal);

    private bool IsOurs(HostString host) => _names.Contains(host.Host) || Listening.IsLoopbackName(host.Host);
}
