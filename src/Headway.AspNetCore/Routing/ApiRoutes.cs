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

    /// <inheritdoc cref="Get(string, RequestDelegate, Roles)"/>
    public ApiRoutes Post(string pattern, RequestDelegate handler, Roles needs = Roles.Caller) => Map(pattern, HttpMethods.Post, handler, needs);

    /// <inheritdoc cref="Get(string, RequestDelegate, Roles)"/>
    public ApiRoutes Delete(string pattern, RequestDelegate handler, Roles needs = Roles.Caller) => Map(pattern, HttpMethods.Delete, handler, needs);

    /// <summary>A route that anybody may ask: it says nothing of anybody's, or what it is asked with is proof enough.</summary>
    public ApiRoutes Open(string method, string pattern, RequestDelegate handler) => Map(pattern, method, handler, new RequiredRoles(Roles.None));

    /// <summary>The same with all that it needs.</summary>
    public ApiRoutes Get(string pattern, RequestDelegate handler, RequiredRoles needs) => Map(pattern, HttpMethods.Get, handler, needs);

    /// <inheritdoc cref="Get(string, RequestDelegate, RequiredRoles)"/>
    public ApiRoutes Post(string pattern, RequestDelegate handler, RequiredRoles needs) => Map(pattern, HttpMethods.Post, handler, needs);

    /// <summary>Routes of the OpenAI API.</summary>
    public ApiRoutes OpenAi(string method, string pattern, RequestDelegate handler, Roles needs = Roles.Caller)
    {
        Endpoint(pattern, method, handler).WithMetadata(SpeaksOpenAi.Instance, new RequiredRoles(needs));
        return this;
    }

    /// <summary>A route of the OpenAI API that takes several methods.</summary>
    public ApiRoutes OpenAi(IReadOnlyList<(string Method, RequestDelegate Handler)> methods, string pattern)
    {
        Endpoint(pattern, methods).WithMetadata(SpeaksOpenAi.Instance, new RequiredRoles(Roles.Caller));
        return this;
    }

    /// <summary>A route that takes several methods.</summary>
    public ApiRoutes Several(IReadOnlyList<(string Method, RequestDelegate Handler)> methods, string pattern, Roles needs) => Several(methods, pattern, new RequiredRoles(needs));

    /// <summary>The same with all that it needs.</summary>
    public ApiRoutes Several(IReadOnlyList<(string Method, RequestDelegate Handler)> methods, string pattern, RequiredRoles needs)
    {
        Endpoint(pattern, methods).WithMetadata(needs);
        return this;
    }

    /// <summary>A route of the framework, guarded as any other.</summary>
    public ApiRoutes Guarded(IEndpointConventionBuilder route, Roles needs)
    {
        route.WithMetadata(new RequiredRoles(needs)).Add(endpoint =>
        {
            if (endpoint.RequestDelegate is { } handler) endpoint.RequestDelegate = context => guard.RunAsync(context, handler);
        });
        return this;
    }

    /// <summary>Whatever no other route under the pattern takes.</summary>
    public ApiRoutes Rest(string pattern, RequestDelegate handler)
    {
        endpoints.Map(pattern, context => guard.RunAsync(context, handler)).WithOrder(int.MaxValue).WithMetadata(new RequiredRoles(Roles.Caller));
        return this;
    }

    /// <summary>The paths that features declare for themselves.</summary>
    public ApiRoutes Declared(RequestDelegate handler)
    {
        endpoints.Map("{**path}", context => guard.RunAsync(context, handler)).WithOrder(int.MaxValue - 1).WithMetadata(FeatureRouteMark.Instance, new RequiredRoles(Roles.Caller));
        return this;
    }

    private ApiRoutes Map(string pattern, string method, RequestDelegate handler, Roles needs) => Map(pattern, method, handler, new RequiredRoles(needs));

    private ApiRoutes Map(string pattern, string method, RequestDelegate handler, RequiredRoles needs)
    {
        Endpoint(pattern, method, handler).WithMetadata(needs);
        return this;
    }

    private IEndpointConventionBuilder Endpoint(string pattern, string method, RequestDelegate handler)
        => endpoints.Map(pattern, context => guard.RunAsync(context, method, handler)).WithDisplayName($"{method} {pattern}");

    private IEndpointConventionBuilder Endpoint(string pattern, IReadOnlyList<(string Method, RequestDelegate Handler)> methods)
    {
        var allow = string.Join(", ", methods.Select(one => one.Method));
        return endpoints.Map(pattern, context => guard.RunAsync(context, asked =>
            methods.FirstOrDefault(one => HttpMethods.Equals(one.Method, asked.Request.Method)).Handler is { } handler ? handler(asked) : Guard.RefuseMethodAsync(asked, allow)))
            .WithDisplayName($"{allow} {pattern}");
    }
}
