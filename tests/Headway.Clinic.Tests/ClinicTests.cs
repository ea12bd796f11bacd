using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using Clinic;
using Microsoft.AspNetCore.Builder;

namespace Headway.Clinic.Tests;

/// <summary>The whole sample over HTTP, each feature under its own contract, on the files that come with it.</summary>
public sealed class ClinicTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("clinic").FullName;
    private readonly HttpClient _http = new() { Timeout = Patience };
    private ClinicHost _clinic = null!;

    public async ValueTask InitializeAsync()
    {
        Environment.SetEnvironmentVariable("CLINIC_INTERACTIONS", "http://127.0.0.1:0");
        _clinic = await ClinicHost.StartAsync(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory }, options =>
        {
            options.Database = $"sqlite:{_folder}/clinic.db";
            options.Listen = "http://127.0.0.1:0";
        });
        _http.BaseAddress = new Uri(_clinic.App.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _clinic.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Intake_triage_answers_at_once()
    {
        using var response = await CallAsync("intake-triage", "intake-sepsis");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(response, "Headway-Mode").ShouldBe("sync");
        using var triage = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        triage.RootElement.GetProperty("priority").GetString().ShouldBe("emergency");
        triage.RootElement.GetProperty("news2").GetProperty("total").GetInt32().ShouldBe(12);
    }

    [Fact]
    public async Task An_intake_that_does_not_fit_its_schema_is_refused_with_its_place()
    {
        using var response = await _http.PostAsync("/v1/features/intake-triage", Json("""{"encounter":"E-1","patient":{"age":40},"complaints":[],"vitals":{"pulse":"fast"}}"""));

        ((int)response.StatusCode).ShouldBeInRange(400, 422);
        (await response.Content.ReadAsStringAsync()).ShouldContain("pulse");
    }

    [Fact]
    public async Task A_prescription_summary_is_accepted_now_and_read_later()
    {
        using var response = await CallAsync("prescription-summary", "prescriptions-discharge");

        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var job = Header(response, "Headway-Job")!;
        (await FinishedAsync(job)).ShouldBe("succeeded");
        (await _http.GetStringAsync($"/v1/jobs/{job}/result")).ShouldContain("bisoprolol");
        (await AuditAsync(job)).ShouldBe(["submitted", "started", "disclosed", "completed", "delivered"]);
    }

    [Fact]
    public async Task A_symptom_chat_is_streamed()
    {
        using var response = await CallAsync("symptom-chat", "chat-headache");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        var events = await SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync().Select(item => item.EventType).ToListAsync();
        events.Count(kind => kind == "delta").ShouldBeGreaterThan(1);
        events[^1].ShouldBe("end");
    }

    [Fact]
    public async Task An_interaction_check_of_two_drugs_is_answered_inline()
    {
        using var response = await CallAsync("interaction-check", "interactions-two");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(response, "Headway-Mode").ShouldBe("hybrid");
        (await response.Content.ReadAsStringAsync()).ShouldContain("\"worst\":\"serious\"");
    }

    [Fact]
    public async Task An_interaction_check_of_many_drugs_goes_on_after_the_wait()
    {
        using var response = await CallAsync("interaction-check", "interactions-many");

        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var job = Header(response, "Headway-Job")!;
        (await FinishedAsync(job)).ShouldBe("succeeded");
        (await _http.GetStringAsync($"/v1/jobs/{job}/result")).ShouldContain("\"pairsChecked\":66");
        (await AuditAsync(job)).ShouldBe(["submitted", "started", "disclosed", "completed", "delivered"]);
    }

    private async Task<HttpResponseMessage> CallAsync(string feature, string input) =>
        await _http.PostAsync($"/v1/features/{feature}", Json(await File.ReadAllTextAsync($"inputs/{input}.json")));

    private async Task<string> FinishedAsync(string job)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/{job}");
        request.Headers.TryAddWithoutValidation("Prefer", "wait=30");
        using var response = await _http.SendAsync(request);
        using var read = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return read.RootElement.GetProperty("state").GetString()!;
    }

    private async Task<string[]> AuditAsync(string job)
    {
        using var read = JsonDocument.Parse(await _http.GetStringAsync($"/v1/jobs/{job}/audit"));
        return [.. read.RootElement.GetProperty("events").EnumerateArray().Select(entry => entry.GetProperty("action").GetString()!)];
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.Single() : null;
}
