using System.Buffers;
using System.Text.Json;
using Headway.Access;
using Headway.AspNetCore.Routing;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Errors;

/// <summary>Explains the codes of problems: what the `type` of a problem leads to.</summary>
internal static class ProblemEndpoint
{
    public static void Map(ApiRoutes routes) => routes.Get("/v1/problems", ListAsync, Roles.All).Get(ProblemResponse.TypePrefix + "{code}", ShowAsync, Roles.All);

    private static Task ListAsync(HttpContext context) => WriteAsync(context, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("problems");
        foreach (var kind in ProblemKind.All.Values.OrderBy(kind => kind.Code, StringComparer.Ordinal)) Write(json, kind);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static Task ShowAsync(HttpContext context)
    {
        var code = (string)context.Request.RouteValues["code"]!;
        return ProblemKind.All.TryGetValue(code, out var kind)
            ? WriteAsync(context, json => Write(json, kind))
            : ProblemResponse.WriteAsync(context, new Problem(ProblemKind.RouteUnknown, $"{Phrases.Quote(code)} is told by the engine or a handler; its detail says all there is.{Phrases.Suggest(code, ProblemKind.All.Keys)}"));
    }

    private static void Write(Utf8JsonWriter json, ProblemKind kind)
    {
        json.WriteStartObject();
        json.WriteString("code", kind.Code);
        json.WriteNumber("status", kind.Status);
        json.WriteString("title", kind.Title);
        json.WriteEndObject();
    }

    private static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body)) write(json);
        context.Response.ContentType = Json.MediaType;
        await context.Response.BodyWriter.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }
}
