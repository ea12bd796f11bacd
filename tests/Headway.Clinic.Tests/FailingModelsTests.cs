using System.Net.ServerSentEvents;
using System.Text.Json;
using Headway.Upstream;

namespace Headway.Clinic.Tests;

/// <summary>The sample's prompts on real models that fail: a server that speaks their wire format, named by LLM_URL like any other.</summary>
[Collection(nameof(ServedClinic))]
public sealed class FailingModelsTests
{
    private const string Answer = "The patient takes metformin 500 mg twice daily – well tolerated.";
    private const string Half = "The patient takes metformin 500 mg";

    private static readonly string Stream = Scripts.Fixture("openai/stream");

    public static TheoryData<string> Failures => ["late", "cut before its first token", "cut in the middle", "no JSON", "empty", "down", "full"];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_prescription_summary_is_written_by_the_other_model(string failure)
    {
        await using var upstream = await StartAsync(failure);
        await using var clinic = await ServedClinic.StartAsync(Environment(upstream, failure));

        using var response = await clinic.CallAsync("prescription-summary", "prescriptions-discharge");
        var job = ServedClinic.Header(response, "Headway-Job")!;

        (await clinic.FinishedAsync(job)).ShouldBe("succeeded");
        (await clinic.Http.GetStringAsync($"/v1/jobs/{job}/result")).ShouldBe(Answer);
        // Nobody waits for it, so an answer that breaks off, too, is made anew within the attempt.
        (await clinic.AuditAsync(job)).Count(action => action == "started").ShouldBe(1);
        (await clinic.AuditAsync(job)).Count(action => action == "disclosed").ShouldBe(upstream.Calls.Count);
        upstream.Calls.Select(ModelOf).ShouldBe(["gpt-5-mini", "gpt-5"]);
        upstream.Calls.ShouldAllBe(call => call.Body.Contains("bisoprolol", StringComparison.Ordinal) && call.Headers["Authorization"] == "Bearer none");
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_symptom_chat_is_one_models_whole_answer_or_says_that_it_broke(string failure)
    {
        await using var upstream = await StartAsync(failure);
        await using var clinic = await ServedClinic.StartAsync(Environment(upstream, failure));

        using var response = await clinic.CallAsync("symptom-chat", "chat-headache");
        var events = await SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync().ToListAsync();

        var text = string.Concat(events.Where(item => item.EventType == "delta").Select(item => JsonElement.Parse(item.Data).GetProperty("text").GetString()));
        var end = events[^1];
        end.EventType.ShouldBe("end");
        if (failure != "cut in the middle")
        {
            text.ShouldBe(Answer);
            JsonElement.Parse(end.Data).GetProperty("state").GetString().ShouldBe("succeeded");
            return;
        }

        text.ShouldBe(Half);
        JsonElement.Parse(end.Data).GetProperty("error").GetProperty("code").GetString().ShouldBe("model-answer-cut");
        upstream.Calls.Select(ModelOf).ShouldBe(["gpt-5-mini"]);
    }

    private static (string Name, string Value)[] Environment(ModelUpstream upstream, string failure) =>
        [("LLM_URL", upstream.BaseUrl.ToString()), ("LLM_FIRST_TOKEN", failure == "late" ? "300ms" : "10s")];

    /// <summary>The small model fails, the large one answers.</summary>
    private static Task<ModelUpstream> StartAsync(string failure) => ModelUpstream.StartAsync(context =>
        (ModelOf((UpstreamCall)context.Items[typeof(UpstreamCall)]!) == "gpt-5" ? Scripts.Events(Stream) : Fail(failure))(context));

    private static Script Fail(string failure) => failure switch
    {
        "late" => Scripts.Silence(),
        "cut before its first token" => Scripts.Events(Stream.Before("\"The\"")),
        "cut in the middle" => Scripts.Events(Stream.Before("twice")),
        "no JSON" => Scripts.Whole(200, "text/html", "<html><body>Log in</body></html>"),
        "empty" => Scripts.Whole(200, null, ""),
        "down" => Scripts.Whole(503, null, ""),
        "full" => Scripts.Whole(429, "application/json", Scripts.Fixture("openai/error-rate-limit")),
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure, null),
    };

    private static string ModelOf(UpstreamCall call) => JsonElement.Parse(call.Body).GetProperty("model").GetString()!;
}
