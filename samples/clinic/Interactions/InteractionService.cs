using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Clinic.Interactions;

/// <summary>
/// The interaction check as a service of its own, as a hospital would have it: a handler in any language looks like this to Headway.
/// One pair is answered at once as JSON; more are looked up pair by pair in a register that takes its time, with progress as server-sent events.
/// </summary>
internal static class InteractionService
{
    public static readonly Uri Default = new("http://127.0.0.1:8081");

    /// <summary>How long the register takes for a pair: with a dozen drugs a check outlasts what a clinician waits.</summary>
    private static readonly TimeSpan LookUp = TimeSpan.FromMilliseconds(60);

    // Nothing here is embedded in HTML, so text stays readable.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Starts the service. It ends when it is disposed of.</summary>
    /// <param name="listen">A loopback address; port 0 takes any that is free.</param>
    public static async Task<WebApplication> StartAsync(Uri listen, TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.WebHost.UseUrls(listen.GetLeftPart(UriPartial.Authority));
        var app = builder.Build();
        var check = new InteractionCheck(InteractionTable.Load());
        app.MapPost("/interactions", (InteractionQuestion question, HttpContext context) => AnswerAsync(question, check, time, context));
        await app.StartAsync();
        return app;
    }

    private static async Task<IResult> AnswerAsync(InteractionQuestion question, InteractionCheck check, TimeProvider time, HttpContext context)
    {
        if (InteractionCheck.Objection(question) is { } objection)
            return TypedResults.Problem(objection, statusCode: StatusCodes.Status422UnprocessableEntity, title: "The question cannot be answered.");

        var pairs = check.Pairs(question);
        if (pairs.Count > 1) return Streamed(question, pairs, check, time, context.RequestAborted);
        var found = new List<FoundInteraction>();
        foreach (var (one, other) in pairs) found.AddRange(await LookUpAsync(one, other, check, time, context.RequestAborted));
        return TypedResults.Json(check.Answer(question, pairs.Count, found), Json);
    }

    private static PushStreamHttpResult Streamed(
        InteractionQuestion question, IReadOnlyList<(Drug One, Drug Other)> pairs, InteractionCheck check, TimeProvider time, CancellationToken left) => TypedResults.Stream(async body =>
    {
        await using var events = new StreamWriter(body);
        var found = new List<FoundInteraction>();
        for (var done = 0; done < pairs.Count; done++)
        {
            await SendAsync(events, "progress", new { done, total = pairs.Count, note = "pairs of drugs" }, left);
            found.AddRange(await LookUpAsync(pairs[done].One, pairs[done].Other, check, time, left));
        }
        await SendAsync(events, "progress", new { done = pairs.Count, total = pairs.Count, note = "pairs of drugs" }, left);
        await SendAsync(events, "result", check.Answer(question, pairs.Count, found), left);
    }, "text/event-stream");

    private static async Task<IEnumerable<FoundInteraction>> LookUpAsync(Drug one, Drug other, InteractionCheck check, TimeProvider time, CancellationToken left)
    {
        await Task.Delay(LookUp, time, left);
        return check.Between(one, other);
    }

    private static async Task SendAsync<T>(StreamWriter events, string kind, T data, CancellationToken left)
    {
        await events.WriteAsync($"event: {kind}\ndata: {JsonSerializer.Serialize(data, Json)}\n\n".AsMemory(), left);
        await events.FlushAsync(left);
    }
}
