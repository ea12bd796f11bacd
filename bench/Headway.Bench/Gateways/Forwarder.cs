using System.Text.Json;
using Headway.Bench.Wire;

namespace Headway.Bench.Gateways;

/// <summary>The limit: reads the model's name and passes request and answer on, and does nothing of what Headway is for.</summary>
internal static class Forwarder
{
    public static async Task ServeAsync(Uri upstream)
    {
        var target = new Uri(upstream, Upstream.Path);
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false };
        using var invoker = new HttpMessageInvoker(handler);
        var app = Hosts.Build();
        app.MapPost(Upstream.Path, async context =>
        {
            var body = new byte[context.Request.ContentLength!.Value];
            await context.Request.Body.ReadExactlyAsync(body);
            if (ModelOf(body) is null) throw new InvalidOperationException("The request names no model.");
            using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new ByteArrayContent(body) { Headers = { { "Content-Type", "application/json" } } } };
            using var answer = await invoker.SendAsync(request, context.RequestAborted);
            context.Response.StatusCode = (int)answer.StatusCode;
            context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            context.Response.ContentLength = answer.Content.Headers.ContentLength;
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        });
        await Upstream.RunAsync(app);
    }

    private static string? ModelOf(byte[] body)
    {
        var json = new Utf8JsonReader(body);
        while (json.Read())
        {
            if (json.TokenType is JsonTokenType.PropertyName && json.CurrentDepth == 1 && json.ValueTextEquals("model"u8)) return json.Read() ? json.GetString() : null;
        }
        return null;
    }
}
