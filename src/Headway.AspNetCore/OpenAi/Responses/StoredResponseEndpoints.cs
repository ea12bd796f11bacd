using System.Globalization;
using System.Text.Json.Nodes;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Routing;
using Headway.Jobs.Storage;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>Stored responses: shown, streamed again, cancelled, deleted, and what they were asked.</summary>
internal sealed class StoredResponseEndpoints(EngineHost host, ResponseStreams streams)
{
    public void Map(ApiRoutes routes) => routes
        .OpenAi([(HttpMethods.Get, ShowAsync), (HttpMethods.Delete, DeleteAsync)], "/v1/responses/{id}")
        .OpenAi(HttpMethods.Get, "/v1/responses/{id}/input_items", ListInputAsync)
        .OpenAi(HttpMethods.Post, "/v1/responses/{id}/cancel", CancelAsync);

    private async Task ShowAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var after = 0L;
        if (query["starting_after"] is [{ } text] && !(long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out after)))
            await ProblemResponse.WriteAsync(context, Nodes.Wrong("starting_after", "`starting_after` must be the number of an event."));
        else if (query["starting_after"].Count > 0 && query["stream"] is not ["true"])
            await ProblemResponse.WriteAsync(context, Nodes.Wrong("starting_after", "`starting_after` belongs to a stream: ask with `stream=true`."));
        else if (await FindAsync(context) is not { } stored)
            await ProblemResponse.WriteAsync(context, StoredResponse.Unknown(IdOf(context)));
        else if (query["stream"] is ["true"])
            await streams.WriteAsync(context, Callers.Of(context), stored, query["starting_after"].Count > 0 ? after : null);
        else
            await WriteAsync(context, stored);
    }

    /// <summary>One that is under way is cancelled first.</summary>
    private async Task DeleteAsync(HttpContext context)
    {
        var caller = Callers.Of(context);
        var stored = await FindAsync(context);
        if (stored is { Job.IsFinished: false }) await host.Engine.CancelAsync(caller, stored.Job.Id, context.RequestAborted);
        var end = stored is null ? Forgotten.Nothing : await host.Engine.ForgetAsync(caller, stored.Job.Id);
        if (end is Forgotten.Held)
            await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.LegalHold, $"{IdOf(context)} is of a subject under a legal hold, so it cannot be deleted."));
        else if (stored is null || end is Forgotten.Nothing)
            await ProblemResponse.WriteAsync(context, StoredResponse.Unknown(IdOf(context)));
        else
            await WriteAsync(context, new JsonObject { ["id"] = ResponseId.Of(stored.Job.Id), ["object"] = "response", ["deleted"] = true });
    }

    private async Task CancelAsync(HttpContext context)
    {
        if (await FindAsync(context) is not { } stored)
        {
            await ProblemResponse.WriteAsync(context, StoredResponse.Unknown(IdOf(context)));
            return;
        }

        if (!ResponseResource.IsBackground(stored.Job))
        {
            await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.ResponseNotBackground, "Only a response that was asked for with `background` can be cancelled. End any other by closing its connection.") { Job = stored.Job.Id });
            return;
        }

        await host.Engine.CancelAsync(Callers.Of(context), stored.Job.Id, context.RequestAborted);
        if (await FindAsync(context) is { } now) await WriteAsync(context, now);
        else await ProblemResponse.WriteAsync(context, StoredResponse.Unknown(IdOf(context)));
    }

    private async Task ListInputAsync(HttpContext context)
    {
        var (problem, page) = InputPage.Read(context.Request.Query);
        JsonObject? list = null;
        if (problem is null) (problem, list) = await FindAsync(context) is { } stored ? page!.Of(stored) : (StoredResponse.Unknown(IdOf(context)), null);
        if (problem is not null) await ProblemResponse.WriteAsync(context, problem);
        else if (!ResponseId.TryParse(IdOf(context), out var job) || !await host.Engine.TellRequestGivenAsync(Callers.Of(context), job)) await ProblemResponse.WriteAsync(context, StoredResponse.Unknown(IdOf(context)));
        else await WriteAsync(context, list!);
    }

    private ValueTask<StoredResponse?> FindAsync(HttpContext context) => StoredResponse.FindAsync(host.Engine, Callers.Of(context), IdOf(context));

    private static string? IdOf(HttpContext context) => (string?)context.Request.RouteValues["id"];

    private async Task WriteAsync(HttpContext context, StoredResponse stored)
    {
        var (problem, shown) = await stored.ShowAsync(host.Engine, Callers.Of(context), context.RequestAborted);
        if (problem is not null)
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        Answers.Describe(context.Response.Headers, stored.Job);
        await WriteAsync(context, shown!);
    }

    private static async Task WriteAsync(HttpContext context, JsonObject shown)
    {
        context.Response.ContentType = Json.MediaType;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.BodyWriter.WriteAsync(shown.Bytes(), context.RequestAborted);
    }
}
