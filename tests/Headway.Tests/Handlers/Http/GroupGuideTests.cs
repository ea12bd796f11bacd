using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Headway.Tests.Handlers.Http;

/// <summary>The guide shows a group and its answer: this sends the one, is told the other, and compares.</summary>
public sealed partial class GroupGuideTests
{
    [Fact]
    public async Task The_group_of_the_guide_is_what_is_sent_and_its_answer_means_what_the_guide_says()
    {
        var guide = await File.ReadAllTextAsync(Repository.PathOf("docs/guides/handlers.md"));
        var samples = Samples().Matches(guide).ToDictionary(sample => sample.Groups["name"].Value, sample => sample.Groups["text"].Value);
        var shown = JsonNode.Parse(samples["request"])!;
        await using var service = await GroupService.StartAsync();

        var first = service.CallAsync("0");
        var alone = await service.NextAsync();
        var calls = shown["instances"]!.AsArray().Zip(shown["jobs"]!.AsArray(), (instance, job) =>
        {
            var attempts = new Attempts();
            var attempt = attempts.Make(service.Version, instance!.ToJsonString(), number: (int)job!["attempt"]!, subject: (string?)job["subject"], deadline: DateTimeOffset.Parse((string)job["deadline"]!, null));
            job["id"] = attempts.Job.ToString();
            job["traceparent"] = attempt.TraceParent;
            return service.CallAsync(attempt);
        }).ToArray();
        alone.Echo();
        await first;
        var request = await service.NextAsync();
        JsonNode.DeepEquals(JsonNode.Parse(request.Body), shown).ShouldBeTrue($"{request.Body}\nis not\n{shown.ToJsonString()}");
        request.Say(samples["answer"]);

        (await calls[0]).Text().ShouldBe("""{ "risk": 0.2 }""");
        var failure = (await calls[1]).Failure();
        failure.Code.ShouldBe("input-refused");
        failure.Message.ShouldEndWith("The dose must be more than 0.");
    }

    [GeneratedRegex("<!-- runnable: group (?<name>request|answer) -->\n```json\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Samples();
}
