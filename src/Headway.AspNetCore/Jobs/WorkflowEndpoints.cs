using System.Globalization;
using System.Text.Json;
using Headway.Access;
using Headway.AspNetCore.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;
using Headway.AspNetCore.Routing;
using Headway.Client;
using Headway.Jobs.Waiting;
using Headway.Workflows;
using Headway.Workflows.History;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headway.AspNetCore.Jobs;

/// <summary>What can be asked of workflows, and sent to them.</summary>
internal sealed class WorkflowEndpoints(EngineHost host, Entrance entrance)
{
    private const int LongestName = 400, LargestSignal = 1024 * 1024, UsualPage = 200, LargestPage = 1_000;

    // What says no more than its name.
    private static readonly ReadOnlyMemory<byte> Nothing = "null"u8.ToArray();

    public void Map(ApiRoutes routes) => routes
        .Get("/v1/jobs/{id}/steps", StepsAsync, Roles.Readers)
        .Get("/v1/jobs/{id}/steps/{number}", StepAsync, Roles.Readers)
        .Open(HttpMethods.Post, "/v1/callbacks/{token}", CallbackAsync)
        .Get("/v1/jobs/{id}/journal", JournalAsync, Roles.Caller | Roles.Operator)
        .Post("/v1/jobs/{id}/signals/{name}", SignalAsync, Roles.Caller | Roles.Approver);

    private async Task StepsAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (!Number((string?)query["limit"], UsualPage, out var limit) || limit is 0 or > LargestPage)
        {
            await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.FilterInvalid, $"`limit` is a number from 1 to {LargestPage}."));
            return;
        }

        if (!Number((string?)query["cursor"], 0, out var after))
        {
            await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.CursorInvalid, "`cursor` is the `next` of a page of this list."));
            return;
        }

        if (!JobEndpoints.TryId(context, out var id) || await host.Engine.StepsAsync(Callers.Of(context), id, after, (int)limit) is not { } page)
        {
            await JobEndpoints.WriteUnknownAsync(context);
            return;
        }

        var record = new StepListRecord([.. page.Steps.Select(JobWire.Of)], page.Next?.ToString(CultureInfo.InvariantCulture));
        await Json.WriteAsync(context, StatusCodes.Status200OK, record, HeadwayJson.Wire.StepListRecord);
    }

    private async Task StepAsync(HttpContext context)
    {
        var asked = (string?)context.Request.RouteValues["number"];
        if (!JobEndpoints.TryId(context, out var id) || await host.Engine.FindAsync(Callers.Of(context), id) is null) await JobEndpoints.WriteUnknownAsync(context);
        else if (Number(asked, 0, out var number) && await host.Engine.StepAsync(Callers.Of(context), id, number) is { } step) await Json.WriteAsync(context, StatusCodes.Status200OK, JobWire.Of(step), HeadwayJson.Wire.StepDetailRecord);
        else await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.StepUnknown, $"{id} has got no step of number {Phrases.Quote(asked ?? "")}, or none any more. GET /v1/jobs/{id}/steps lists them."));
    }

    // Whoever knows the address may answer: it is no page, and opening it decides nothing.
    private async Task CallbackAsync(HttpContext context)
    {
        var (problem, body) = await BodyAsync(context.Request);
        if (problem is not null)
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        var token = (string?)context.Request.RouteValues["token"] ?? "";
        await ((await host.Engine.CallbackAsync(token, body, Callers.AddressOf(context), context.RequestAborted)) switch
        {
            null => ProblemResponse.WriteAsync(context, new Problem(ProblemKind.CallbackUnknown, "Nobody waits for an answer at this address. It is given out once, for one job, and counts as long as that waits for it.")),
            Signalled.Mismatch => ProblemResponse.WriteAsync(context, new Problem(ProblemKind.CallbackUsed, "Another answer came before, and the first counts.")),
            Signalled.Full => ProblemResponse.WriteAsync(context, new Problem(ProblemKind.SignalsFull, $"The job has {SendSignal.Most} signals, or {SendSignal.MostBytes >> 20} MiB of them, that it has not asked for. Send it again when it has gone on.") { RetryAfter = TimeSpan.FromSeconds(10) }),
            var sent => Json.WriteAsync(context, StatusCodes.Status202Accepted, new CallbackRecord(WordOf(sent.Value)), HeadwayJson.Wire.CallbackRecord),
        });
    }

    private static string WordOf(Signalled sent) => sent switch { Signalled.Woken => "delivered", Signalled.Again => "repeated", _ => "kept" };

    private async Task JournalAsync(HttpContext context)
    {
        if (!JobEndpoints.TryId(context, out var id) || await host.Engine.FindAsync(Callers.Of(context), id) is null)
        {
            await JobEndpoints.WriteUnknownAsync(context);
            return;
        }

        if (await host.Engine.JournalAsync(Callers.Of(context), id) is not { } journal)
        {
            await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.JournalUnknown, $"{id} has no journal: it is no workflow, has not come to its first step, or its content was removed by retention."));
            return;
        }

        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = Json.MediaType;
        var json = JsonSerializer.SerializeToUtf8Bytes(journal, RecordedJournal.Json);
        context.Response.ContentLength = json.Length;
        await context.Response.BodyWriter.WriteAsync(json, context.RequestAborted);
    }

    private async Task SignalAsync(HttpContext context)
    {
        if (Features.Headers.CallHeaders.ReadIdempotencyKey(context.Request.Headers, out var key) is { } broken)
        {
            await ProblemResponse.WriteAsync(context, broken);
            return;
        }

        // A slash within a name comes encoded, and the router leaves it so.
        var name = Uri.UnescapeDataString((string?)context.Request.RouteValues["name"] ?? "");
        if (name.Length is 0 or > LongestName || name.Any(char.IsControl))
        {
            await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.SignalInvalid, $"The name of a signal has 1 to {LongestName} characters, none of them a control character."));
            return;
        }

        var (problem, body) = await BodyAsync(context.Request);
        if (problem is not null) await ProblemResponse.WriteAsync(context, problem);
        else if (!JobEndpoints.TryId(context, out var id)) await JobEndpoints.WriteUnknownAsync(context);
        else if (await JudgeAsync(context, id, name) is { } forbidden) await ProblemResponse.WriteAsync(context, entrance.Deny(context, forbidden, id));
        else if (await host.Engine.SignalAsync(Callers.Of(context), id, name, body, key, context.RequestAborted) is not { } sent) await JobEndpoints.WriteUnknownAsync(context);
        else await TellAsync(context, id, name, sent);
    }

    /// <summary>Who decides, and nothing else, may send what the job asks a person for; who calls, and does not decide, anything but that.</summary>
    /// <remarks>What a caller sends before it is asked for is kept as any signal, and given to nobody who asks for a decision.</remarks>
    private async ValueTask<Problem?> JudgeAsync(HttpContext context, JobId id, string name)
    {
        var caller = Callers.Of(context);
        if (caller.Has(Roles.Approver) && caller.Has(Roles.Caller)) return null;
        var asks = await host.Engine.AsksAsync(caller, id, name);
        if (asks && !caller.Has(Roles.Approver)) return new Problem(ProblemKind.ApprovalForbidden, $"{id} asks a person for {Phrases.Quote(name)}, and {caller.Actor} is no approver. It takes a key with the role approver.");
        return !asks && !caller.Has(Roles.Caller) && await host.Engine.FindAsync(caller, id) is not null
            ? new Problem(ProblemKind.RoleMissing, $"{id} does not ask a person for {Phrases.Quote(name)}, and an approver may decide and no more. Other signals take the role caller.")
            : null;
    }

    private static async ValueTask<JsonBody.Read> BodyAsync(HttpRequest request) => request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is not true || request.ContentLength == 0
        ? new JsonBody.Read(null, Nothing)
        : await JsonBody.ReadAsync(request, LargestSignal, static () => new Problem(ProblemKind.SignalTooLarge, $"A signal has at most {LargestSignal} bytes. Send a reference to what is larger."));

    private static Task TellAsync(HttpContext context, JobId id, string name, Signalled sent) => sent switch
    {
        Signalled.Over => ProblemResponse.WriteAsync(context, new Problem(ProblemKind.JobOver, $"{id} has ended, so nobody will ask for {Phrases.Quote(name)}. GET /v1/jobs/{id} says how it ended.")),
        Signalled.NoWorkflow => ProblemResponse.WriteAsync(context, EngineProblems.Of(Steering.NoWorkflow(id))),
        Signalled.Mismatch => ProblemResponse.WriteAsync(context, new Problem(ProblemKind.SignalMismatch, "This Idempotency-Key came with another name or body before. Use a new key for a new signal.")),
        Signalled.Full => ProblemResponse.WriteAsync(context, new Problem(ProblemKind.SignalsFull, $"{id} has {SendSignal.Most} signals, or {SendSignal.MostBytes >> 20} MiB of them, that it has not asked for. Send no more until it goes on.") { RetryAfter = TimeSpan.FromSeconds(10) }),
        _ => Json.WriteAsync(context, StatusCodes.Status202Accepted, new SignalRecord(name, WordOf(sent)), HeadwayJson.Wire.SignalRecord),
    };

    private static bool Number(string? text, long usual, out long number)
    {
        number = usual;
        return text is null || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
