using Headway.AspNetCore.Access;
using Headway.AspNetCore.Errors;
using Headway.Payloads;
using Headway.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Headway.AspNetCore.Routing;

/// <summary>Stands before every endpoint: refuses foreign web pages, callers who may not come in, and wrong methods; and turns what escapes into a problem.</summary>
internal sealed class Guard(Neighbourhood neighbourhood, Entrance entrance, ILogger<Guard> log)
{
    public Task RunAsync(HttpContext context, RequestDelegate handler) => RunAsync(context, null, handler);

    /// <param name="method">The one that the route takes; null: it looks for itself.</param>
    public async Task RunAsync(HttpContext context, string? method, RequestDelegate handler)
    {
        try
        {
            if (neighbourhood.Refuse(context.Request) is { } refused) await ProblemResponse.WriteAsync(context, refused);
            else if (await entrance.AdmitAsync(context) is { } denied) await ProblemResponse.WriteAsync(context, denied);
            else if (method is not null && !HttpMethods.Equals(context.Request.Method, method)) await RefuseMethodAsync(context, method);
            else await handler(context);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException and not BadHttpRequestException && context.RequestAborted.IsCancellationRequested)
        {
            // The caller left; there is nobody to tell.
        }
        catch (BadHttpRequestException broken)
        {
            await ProblemResponse.WriteAsync(context, new Problem(KindOf(broken), broken.Message));
        }
        catch (StorageException broken)
        {
            log.LogError(broken, "The database failed while answering {Method} {Path}", context.Request.Method, context.Request.Path);
            await ProblemResponse.WriteAsync(context, EngineProblems.Of(broken));
        }
        catch (UnreadablePayloadException gone) when (gone.Reason is UnreadableReason.Erased)
        {
            await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.SubjectErased, "What is asked for was about a subject that was erased: its keys are destroyed, and nobody can read it any more."));
        }
        catch (Exception bug)
        {
            await TellBugAsync(context, bug);
        }
    }

    public static ProblemKind KindOf(BadHttpRequestException broken)
        => broken.StatusCode == StatusCodes.Status413PayloadTooLarge ? ProblemKind.InputTooLarge : ProblemKind.BodyBroken with { Status = broken.StatusCode };

    public static Task RefuseMethodAsync(HttpContext context, string allow)
        => ProblemResponse.WriteAsync(context, new Problem(ProblemKind.MethodNotAllowed, $"{context.Request.Path} takes {allow}, not {Phrases.Quote(context.Request.Method)}.") { Allow = allow });

    private Task TellBugAsync(HttpContext context, Exception bug)
    {
        var trace = System.Diagnostics.Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
        log.LogError(bug, "Unhandled while answering {Method} {Path}; trace {Trace}", context.Request.Method, context.Request.Path, trace);
        return ProblemResponse.WriteAsync(context, new Problem(ProblemKind.Internal, $"The log tells more under trace {trace}.") { Trace = trace });
    }
}
