using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore;

/// <summary>Writes a record of the wire as the body of an answer.</summary>
internal static class Json
{
    public const string MediaType = "application/json";

    public static async Task WriteAsync<T>(HttpContext context, int status, T record, JsonTypeInfo<T> shape)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = MediaType;
        if (response.Headers.CacheControl.Count == 0) response.Headers.CacheControl = "no-store";
        await JsonSerializer.SerializeAsync(response.BodyWriter, record, shape, context.RequestAborted);
    }

    /// <summary>The same for a form that is not ours and has no record.</summary>
    public static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        context.Response.ContentType = MediaType;
        context.Response.Headers.CacheControl = "no-store";
        using (var json = new Utf8JsonWriter(context.Response.BodyWriter)) write(json);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}
