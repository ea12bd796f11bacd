using Headway.AspNetCore.Errors;
using Headway.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Headway.AspNetCore.Routing;

/// <summary>Maps a path to the one method it takes and guards what is behind it: nothing but an answer or a problem comes out.</summary>
/// <remarks>The method is looked at here and not by the router, so that a 405 is a problem like any other.</remarks>
internal sealed class ApiRoutes(IEndpointRouteBuilder endpoints, Guard guard)
{
    public ApiRoutes Get(string pattern, RequestDelegate handler) => Map(pattern, HttpMethods.Get, handler);

    public ApiRoutes Post(string pattern, RequestDelegate handler) => Map(pattern, HttpMethods.Post, handler);

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

    private ApiRoutes Map(string pattern, string method, RequestDelegate handler)
    {
        endpoints.Map(pattern, context => guard.RunAsync(context, method, handler)).WithDisplayName($"{method} {pattern}");
        return this;
    }
}

/// <summary>Stands before every endpoint: refuses wrong methods and foreign web pages, and turns what escapes into a problem.</summary>
internal sealed class Guard(ILogger<Guard> log)
{
    public Task RunAsync(HttpContext context, string method, RequestDelegate handler)
        => HttpMethods.Equals(context.Request.Method, method) ? RunAsync(context, handler) : RefuseMethodAsync(context, method);

    public async Task RunAsync(HttpContext context, RequestDelegate handler)
    {
        try
        {
            if (IsForeign(context.Request)) await ProblemResponse.WriteAsync(context, Foreign);
            else await handler(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller left; there is nobody to tell.
        }
        catch (BadHttpRequestException broken)
        {
            var kind = broken.StatusCode == StatusCodes.Status413PayloadTooLarge ? ProblemKind.InputTooLarge : ProblemKind.BodyBroken with { Status = broken.StatusCode };
            await ProblemResponse.WriteAsync(context, new Problem(kind, broken.Message));
        }
        catch (StorageException broken)
        {
            log.LogError(broken, "The database failed while answering {Method} {Path}", context.Request.Method, context.Request.Path);
            await ProblemResponse.WriteAsync(context, EngineProblems.Of(broken));
        }
        catch (Exception bug)
        {
            await TellBugAsync(context, bug);
        }
    }

    public static Task RefuseMethodAsync(HttpContext context, string allow)
        => ProblemResponse.WriteAsync(context, new Problem(ProblemKind.MethodNotAllowed, $"{context.Request.Path} takes {allow}, not {Words.Quote(context.Request.Method)}.") { Allow = allow });

    private static readonly Problem Foreign = new(ProblemKind.OriginRefused,
        "The call came from a page of another origin. Without keys Headway answers pages of its own origin only: call it from your backend.");

    // A node without keys trusts its machine. A browser on that machine also shows other people's pages, which can post forms to loopback.
    private static bool IsForeign(HttpRequest request)
    {
        if (request.Headers.Origin is not [{ } origin]) return false;
        return !Uri.TryCreate(origin, UriKind.Absolute, out var from) || !string.Equals(from.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);
    }

    private Task TellBugAsync(HttpContext context, Exception bug)
    {
        var trace = System.Diagnostics.Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
        log.LogError(bug, "Unhandled while answering {Method} {Path}; trace {Trace}", context.Request.Method, context.Request.Path, trace);
        return ProblemResponse.WriteAsync(context, new Problem(ProblemKind.Internal, $"The log tells more under trace {trace}.") { Trace = trace });
    }
}
