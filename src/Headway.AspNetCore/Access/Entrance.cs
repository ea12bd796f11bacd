using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Headway.AspNetCore.Access;

/// <summary>Finds out who calls, by key or token, and whether that one may do what the route does.</summary>
/// <remarks>
/// Where there is neither a key nor an issuer it is not asked for: the server listens on loopback then, and everybody is the local caller. Who is turned away is
/// told in the audit trail. A good key or token is answered at once; who shows a wrong one is slowed (<see cref="Attempts"/>).
/// </remarks>
internal sealed class Entrance(EngineHost host, Tokens tokens, Attempts attempts)
{
    private const string Scheme = "Bearer ";
    private const string Realm = "Bearer realm=\"headway\"";

    /// <summary>Longer than any token that a person's roles fit into; checking costs by its length.</summary>
    public const int LongestToken = 16 * 1024;

    private static readonly Problem Missing = new(ProblemKind.KeyMissing,
        "Send `Authorization: Bearer KEY`. An admin makes keys: headway keys create NAME. On the command line it is HEADWAY_API_KEY.");

    // One text for all that is wrong, so that nothing is learned from it.
    private static readonly Problem Invalid = new(ProblemKind.KeyInvalid,
        "This is no key of this server. Check that it is whole: hw_, 12 characters, an underscore and 49 more; an admin lists keys with headway keys list.");

    /// <summary>Null: the caller may go on, and <see cref="Callers.Of"/> tells who it is.</summary>
    public async ValueTask<Problem?> AdmitAsync(HttpContext context)
    {
        var needs = context.GetEndpoint()?.Metadata.GetMetadata<RequiredRoles>() ?? RequiredRoles.Forgotten;
        if (needs.Any is Roles.None || !host.IsRunning || !host.Engine.Access.IsClosed) return null;
        var (caller, problem) = await IdentifyAsync(context);
        if (caller is null) return await RefuseAsync(context, problem!);
        Callers.Set(context, caller);
        if (!caller.Has(needs.Any))
            return Deny(context, new Problem(ProblemKind.RoleMissing, $"{caller.Actor} has {Listed(caller.Roles)}, and this takes {RoleWords.AnyOf(needs.Any)}. An admin makes keys with other roles."));
        if (needs.Everywhere && !caller.Everywhere)
            return Deny(context, new Problem(ProblemKind.TenantForbidden, $"This is about all tenants, and {caller.Actor} is of {caller.Tenant} alone. It takes a key of all tenants: headway keys create NAME --all-tenants."));
        return caller.Features is null ? null : await JudgeScopeAsync(context, caller, needs);
    }

    /// <summary>Whether who was admitted would be now: for connections that carry many calls. Null: yes.</summary>
    public async ValueTask<Problem?> AdmitAgainAsync(HttpContext context)
    {
        if (!host.Engine.Access.IsClosed) return null;
        var (caller, problem) = await IdentifyAsync(context);
        if (caller is not null) Callers.Set(context, caller);
        else Tell(context, null, problem!, null);
        return problem;
    }

    /// <summary>Tells the audit trail that the caller may not do what it asked for.</summary>
    public Problem Deny(HttpContext context, Problem problem, JobId? job = null)
    {
        var caller = Callers.Of(context);
        if (host.Engine.Access.IsClosed) Tell(context, caller, problem, job);
        if (problem.Kind == ProblemKind.RoleMissing) context.Response.Headers.WWWAuthenticate = $"{Realm}, error=\"insufficient_scope\"";
        return problem;
    }

    private async ValueTask<(Caller? Caller, Problem? Problem)> IdentifyAsync(HttpContext context)
    {
        var access = host.Engine.Access;
        if (context.Request.Headers.Authorization is not [{ } header] || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return (null, Missing);
        var text = header[Scheme.Length..].Trim();
        if (!text.StartsWith(KeyText.Prefix, StringComparison.Ordinal))
        {
            if (access.Issuer is not { } issuer) return (null, Invalid);
            return text.Length > LongestToken
                ? (null, new Problem(ProblemKind.TokenInvalid, $"A token has at most {LongestToken} characters."))
                : await tokens.ReadAsync(text, issuer, Callers.AddressOf(context), context.RequestAborted);
        }

        return access.Ring.Find(text, out var key) switch
        {
            KeyVerdict.Good => (access.Ring.CallerOf(key!, Callers.AddressOf(context)), null),
            KeyVerdict.Revoked => (null, new Problem(ProblemKind.KeyRevoked, $"The key {key!.Id} was revoked. An admin makes another: headway keys create NAME.")),
            KeyVerdict.Expired => (null, new Problem(ProblemKind.KeyExpired, $"The key {key!.Id} has expired, or was rotated and this is its former text. An admin makes another, or has the present one.")),
            _ => (null, Invalid),
        };
    }

    private async ValueTask<Problem> RefuseAsync(HttpContext context, Problem problem)
    {
        Tell(context, null, problem, null);
        if (problem.Kind == ProblemKind.IssuerUnavailable) return problem;
        var isMissing = problem.Kind == ProblemKind.KeyMissing;
        if (!isMissing && await attempts.FailAsync(context.Connection.RemoteIpAddress, context.RequestAborted) is { } pause)
            return new Problem(ProblemKind.AttemptsTooMany, "Too many keys or tokens that count for nothing came from this address. Good ones are answered all the same.") { RetryAfter = pause };
        context.Response.Headers.WWWAuthenticate = isMissing ? Realm : $"{Realm}, error=\"invalid_token\"";
        return problem;
    }

    /// <summary>A key for some features sees their jobs and no others: to it these are not there.</summary>
    private async ValueTask<Problem?> JudgeScopeAsync(HttpContext context, Caller caller, RequiredRoles needs)
    {
        if (needs.WholeTenant) return Deny(context, KeyScope.RefuseWhole(caller));
        if (context.Request.RouteValues.TryGetValue("feature", out var feature) && KeyScope.Judge(caller, (string)feature!) is { } foreign) return Deny(context, foreign);
        if (!RouteOf(context).Contains("/v1/jobs/{id}", StringComparison.Ordinal) || !Jobs.JobEndpoints.TryId(context, out var id) || await host.Engine.IsForAsync(caller, id)) return null;
        return Jobs.JobEndpoints.Unknown(context);
    }

    private void Tell(HttpContext context, Caller? caller, Problem problem, JobId? job) =>
        host.Engine.Access.Denials.Note(new Denial(caller, Callers.AddressOf(context), problem.Kind.Code, $"{MethodOf(context)} {RouteOf(context)}") { Job = job });

    // What a stranger writes there may be anything, and stays for years.
    private static string MethodOf(HttpContext context) => context.Request.Method is "GET" or "POST" or "DELETE" or "PUT" or "PATCH" or "HEAD" or "OPTIONS" ? context.Request.Method : "OTHER";

    private static string RouteOf(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "/";

    private static string Listed(Roles roles) => RoleWords.Of(roles) is { Count: > 0 } words ? $"the roles {string.Join(", ", words)}" : "no role";
}
