using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using static Headway.AspNetCore.Tests.Calls;

namespace Headway.AspNetCore.Tests.Features;

/// <summary>From the caller through Headway to a service behind it, and back.</summary>
public sealed class HttpHandlerTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication _service = null!;
    private HeadwayHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _service = builder.Build();
        _service.MapPost("/files", (Delegate)FilesAsync);
        _service.MapPost("/picky", () => TypedResults.Problem("Name at least two drugs.", statusCode: 422));
        _service.MapPost("/locked", () => TypedResults.Unauthorized());
        _service.MapPost("/hang", HangAsync);
        _service.MapPost("/words", WordsAsync);
        await _service.StartAsync();
        var url = _service.Urls.Single();
        _host = await HeadwayHost.StartAsync($$"""
            features:
              files: { contract: { mode: sync, caller: waits }, handler: { http: {{url}}/files } }
              picky: { contract: { mode: sync, caller: waits }, handler: { http: {{url}}/picky } }
              locked: { contract: { mode: sync, caller: waits }, handler: { http: {{url}}/locked } }
              slow: { contract: { mode: sync, caller: waits }, handler: { http: {{url}}/hang }, timeout: 200ms }
              patient: { contract: { mode: sync, caller: waits }, handler: { http: {{url}}/hang }, timeout: 60s }
              words: { contract: { mode: stream, caller: converses }, handler: { http: {{url}}/words } }
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task Files_of_a_call_reach_the_service_with_the_fields_beside_them()
    {
        byte[] png = [0x89, .. "PNG\r\n"u8, 0x1A, .. "\n"u8, .. new byte[100_000]];
        using var form = new MultipartFormDataContent { { new StringContent("8812"), "encounter" }, { Content(png, "image/png"), "scan", "scan one.png" } };

        using var response = await _host.Http.PostAsync("/v1/features/files", form);

        (await response.JsonAsync()).EnumerateArray().Select(told => told.GetString()).ShouldBe(["""input application/json {"encounter":"8812"}""", $"scan scan one.png image/png {png.Length}"]);
    }

    [Fact]
    public async Task What_the_service_refuses_in_the_input_is_told_to_the_caller_in_its_words()
    {
        var problem = await (await _host.Http.SendAsync(Call("picky", "{}"))).ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, "input-refused");
        problem.GetProperty("detail").GetString()!.ShouldContain("Name at least two drugs.");
    }

    [Fact]
    public async Task A_service_that_does_not_let_headway_in_is_no_fault_of_the_caller() =>
        await (await _host.Http.SendAsync(Call("locked", "{}"))).ShouldBeProblemAsync(HttpStatusCode.BadGateway, "handler-refused");

    [Fact]
    public async Task A_service_that_hangs_is_a_504_and_its_request_is_ended()
    {
        await (await _host.Http.SendAsync(Call("slow", "{}"))).ShouldBeProblemAsync(HttpStatusCode.GatewayTimeout, "timeout");
        await _aborted.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task When_the_caller_leaves_the_service_is_told_at_once()
    {
        using var leave = new CancellationTokenSource();
        var call = _host.Http.SendAsync(Call("patient", "{}"), leave.Token);
        await _reached.Task.WaitAsync(Patience);

        await leave.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => call);
        await _aborted.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task Events_of_the_service_are_the_callers_stream()
    {
        var text = await (await _host.Http.SendAsync(Call("words", "{}"))).Content.ReadAsStringAsync();

        text.ShouldContain("Take ");
        text.ShouldContain("with food.");
        text.ShouldContain("event: end");
    }

    private async Task HangAsync(HttpContext context)
    {
        using var registration = context.RequestAborted.Register(() => _aborted.TrySetResult());
        _reached.TrySetResult();
        await _aborted.Task;
    }

    private static async Task WordsAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync("data: Take \n\ndata: with food.\n\n");
    }

    private static async Task<IResult> FilesAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        var told = new List<string>();
        foreach (var (name, value) in form) told.Add($"{name} application/json {value}");
        foreach (var file in form.Files) told.Add($"{file.Name} {file.FileName} {file.ContentType} {file.Length}");
        return TypedResults.Ok(told);
    }
}
