using Headway.Access;
using Headway.AspNetCore.OpenAi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Headway.AspNetCore.Routing;

/// <summary>Maps a path to the one method it takes and guards what is behind it: nothing but an answer or a problem comes out.</summary>
/// <remarks>The method is looked at here and not by the router, so that a 405 is a problem like any other.</remarks>
internal sealed class ApiRoutes(IEndpointRouteBuilder endpoints, Guard guard)
{
    /// <param name="needs">Any of these roles will do.</param>
    public ApiRoutes Get(string pattern, RequestDelegate handler, Roles needs = Roles.Caller) => Map(pattern, HttpMethods.Get, handler, needs);

    /// <inheritdoc cref="Get"/>
    public ApiRoutes Post(string pattern, RequestDelegate handler, Roles needs = Roles.Caller) => Map(pattern, HttpMethods.Post, handler, needs);

    /// <inheritdoc cref="Get"/>
    public ApiRoutes Delete(string pattern, RequestDelegate handler, Roles needs = Roles.Caller) => Map(pattern, HttpMethods.Delete, handler, needs);

    /// <summary>Routes of the OpenAI API.</summary>
    public ApiRoutes OpenAi(string method, string pattern, RequestDelegate handler)
    {
        Endpoint(pattern, method, handler).WithMetadata(SpeaksOpenAi.Instance);
        return this;
    }

    /// <summary>A route of the OpenAI API that takes several methods.</summary>
    public ApiRoutes OpenAi(IReadOnlyList<(string Method, RequestDelegate Handler)> methods, string pattern)
    {
        var allow = string.Join(", ", methods.Select(one => one.Method));
        endpoints.Map(pattern, context => guard.RunAsync(context, asked =>
            methods.FirstOrDefault(one => HttpMethods.Equals(one.Method, asked.Request.Method)).Handler is { } handler ? handler(asked) : Guard.RefuseMethodAsync(asked, allow)))
            .WithDisplayName($"{allow} {pattern}").WithMetadata(SpeaksOpenAi.Instance);
        return this;
    }

    /// <summary>Whatever no other route under the pattern takes.</summary>
    public ApiRoutes Rest(string pattern, RequestDelegate handler)
    {
        endpoints.Map(pattern, context => guard.RunAsync(context, handler)).WithOrder(int.MaxValue);
        return this;
    }

    /// <summary>The paths that features declare for themselves.</summary>
    public ApiRoutes Declared(RequestDelegate handler)
    {
        endpoints.Map("{**path}", context => guard.RunAsync(context, handler)).WithOrder(int.MaxValue - 1).WithMetadata(FeatureRouteMark.Instance);
        return this;
    }

    private ApiRoutes Map(string pattern, string method, RequestDelegate handler, Roles needs)
    {
        Endpoint(pattern, method, handler).WithMetadata(new RequiredRoles(needs));
        return this;
    }

    private IEndpointConventionBuilder Endpoint(string pattern, string method, RequestDelegate handler)
        => endpoints.Map(pattern, context => guard.RunAsync(context, method, handler)).WithDisplayName($"{method} {pattern}");
}
