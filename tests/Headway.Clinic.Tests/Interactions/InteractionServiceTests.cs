using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using Clinic.Interactions;
using Microsoft.AspNetCore.Builder;

namespace Headway.Clinic.Tests.Interactions;

public sealed class InteractionServiceTests : IAsyncLifetime
{
    private readonly HttpClient _http = new();
    private WebApplication _service = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await InteractionService.StartAsync(new Uri("http://127.0.0.1:0"), TimeProvider.System);
        _http.BaseAddress = new Uri(_service.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task Two_drugs_are_answered_at_once_in_json()
    {
        using var response = await PostAsync(await File.ReadAllTextAsync("inputs/interactions-two.json"));
        var answer = (await response.Content.ReadFromJsonAsync<InteractionAnswer>())!;

        (answer.Worst, answer.PairsChecked, answer.Complete).ShouldBe((Severity.Serious, 1, true));
        var found = answer.Interactions.ShouldHaveSingleItem();
        (found.One, found.Other).ShouldBe(("warfarin", "ibuprofen"));
        found.Source.ShouldContain("FDA");
    }

    [Fact]
    public async Task Many_drugs_are_answered_with_progress_and_then_the_result_worst_first()
    {
        using var response = await PostAsync("""{"drugs":["warfarin","simvastatin","clarithromycin"]}""");
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");

        var events = await SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync().ToListAsync();

        events.Take(events.Count - 1).Select(item => item.EventType).ShouldBe(["progress", "progress", "progress", "progress"]);
        events[^1].EventType.ShouldBe("result");
        var answer = JsonSerializer.Deserialize<InteractionAnswer>(events[^1].Data, JsonSerializerOptions.Web)!;
        (answer.Worst, answer.PairsChecked).ShouldBe((Severity.Contraindicated, 3));
        answer.Interactions[0].Severity.ShouldBe(Severity.Contraindicated);
    }

    [Fact]
    public async Task An_unknown_drug_is_named_and_the_answer_says_that_it_is_not_complete()
    {
        using var response = await PostAsync(await File.ReadAllTextAsync("inputs/interactions-unknown.json"));
        var answer = (await response.Content.ReadFromJsonAsync<InteractionAnswer>())!;

        answer.Complete.ShouldBeFalse();
        answer.Worst.ShouldBeNull();
        answer.Unknown.ShouldBe([new UnknownDrug("ibuprofin", "ibuprofen"), new UnknownDrug("St John's wort", null)]);
    }

    [Theory]
    [InlineData("""{"drugs":["warfarin"]}""", "two")]
    [InlineData("""{"drugs":["warfarin","Warfarin "]}""", "two")]
    [InlineData("""{"drugs":["warfarin",""]}""", "name")]
    [InlineData("""{}""", "two")]
    public async Task A_question_that_cannot_be_answered_is_a_problem_that_says_why(string question, string why)
    {
        using var response = await PostAsync(question);
        response.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        (await response.Content.ReadAsStringAsync()).ShouldContain(why);
    }

    private Task<HttpResponseMessage> PostAsync(string json) => _http.PostAsync("/interactions", new StringContent(json, Encoding.UTF8, "application/json"));
}
