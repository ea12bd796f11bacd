using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Headway.Clinic.Tests;

/// <summary>The whole sample over HTTP, each feature under its own contract, on the files that come with it.</summary>
[Collection(nameof(ServedClinic))]
public sealed class ClinicTests : IAsyncLifetime
{
    private ServedClinic _clinic = null!;

    public async ValueTask InitializeAsync() => _clinic = await ServedClinic.StartAsync();

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    [Fact]
    public async Task Intake_triage_answers_at_once()
    {
        using var response = await _clinic.CallAsync("intake-triage", "intake-sepsis");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        ServedClinic.Header(response, "Headway-Mode").ShouldBe("sync");
        using var triage = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        triage.RootElement.GetProperty("priority").GetString().ShouldBe("emergency");
        triage.RootElement.GetProperty("news2").GetProperty("total").GetInt32().ShouldBe(12);
    }

    [Fact]
    public async Task An_intake_that_does_not_fit_its_schema_is_refused_with_its_place()
    {
        using var response = await _clinic.Http.PostAsync("/v1/features/intake-triage", ServedClinic.Json("""{"encounter":"E-1","patient":{"age":40},"complaints":[],"vitals":{"pulse":"fast"}}"""));

        ((int)response.StatusCode).ShouldBeInRange(400, 422);
        (await response.Content.ReadAsStringAsync()).ShouldContain("pulse");
    }

    [Fact]
    public async Task A_prescription_summary_is_accepted_now_and_read_later()
    {
        using var response = await _clinic.CallAsync("prescription-summary", "prescriptions-discharge");

        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var job = ServedClinic.Header(response, "Headway-Job")!;
        (await _clinic.FinishedAsync(job)).ShouldBe("succeeded");
        (await _clinic.Http.GetStringAsync($"/v1/jobs/{job}/result")).ShouldContain("bisoprolol");
        (await _clinic.AuditAsync(job)).ShouldBe(["submitted", "started", "disclosed", "completed", "delivered"]);
    }

    [Fact]
    public async Task A_symptom_chat_is_streamed()
    {
        using var response = await _clinic.CallAsync("symptom-chat", "chat-headache");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        var events = await SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync().Select(item => item.EventType).ToListAsync();
        events.Count(kind => kind == "delta").ShouldBeGreaterThan(1);
        events[^1].ShouldBe("end");
    }

    [Fact]
    public async Task An_interaction_check_of_two_drugs_is_answered_inline()
    {
        using var response = await _clinic.CallAsync("interaction-check", "interactions-two");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        ServedClinic.Header(response, "Headway-Mode").ShouldBe("hybrid");
        (await response.Content.ReadAsStringAsync()).ShouldContain("\"worst\":\"serious\"");
    }

    [Fact]
    public async Task An_interaction_check_of_many_drugs_goes_on_after_the_wait()
    {
        using var response = await _clinic.CallAsync("interaction-check", "interactions-many");

        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var job = ServedClinic.Header(response, "Headway-Job")!;
        (await _clinic.FinishedAsync(job)).ShouldBe("succeeded");
        (await _clinic.Http.GetStringAsync($"/v1/jobs/{job}/result")).ShouldContain("\"pairsChecked\":66");
        (await _clinic.AuditAsync(job)).ShouldBe(["submitted", "started", "disclosed", "completed", "delivered"]);
    }
}
