using Headway.Models;
using Headway.Upstream;

namespace Headway.Tests.Models.OpenAi;

public sealed class HeaderTests
{
    [Theory]
    [InlineData("{{tenant}}/{{ feature }}/{{job}}/{{model}}", "clinic/triage@1/job-7/fast")]
    [InlineData("plain {{ braces", "plain {{ braces")]
    [InlineData("{{tenants}} {{}}", "{{tenants}} {{}}")]
    public async Task A_declared_header_tells_for_whom_the_model_is_asked(string template, string value) =>
        (await SentAsync(template, new RequestLabels("clinic", "triage@1", "job-7")))["X-For"].ShouldBe(value);

    [Theory]
    [InlineData("a\r\nX-Evil: 1", "a%0D%0AX-Evil: 1")]
    [InlineData("Größe 100%", "Gr%C3%B6%C3%9Fe 100%25")]
    [InlineData("{{job}}", "{{job}}")]
    public async Task What_a_caller_is_called_cannot_become_another_header(string tenant, string value)
    {
        var sent = await SentAsync("{{tenant}}", new RequestLabels(tenant, "triage@1", "job-7"));

        sent["X-For"].ShouldBe(value);
        sent.Keys.ShouldNotContain("X-Evil");
    }

    [Fact]
    public async Task A_call_without_labels_leaves_them_empty() => (await SentAsync("[{{tenant}}]", default))["X-For"].ShouldBe("[]");

    [Fact]
    public async Task A_declared_header_stands_in_place_of_the_usual_one_and_none_waits_for_a_word_between()
    {
        await using var asking = await Asking.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));
        asking.Change(model => model with { Headers = new Dictionary<string, string> { ["Authorization"] = "Token abc\n", ["Accept"] = "*/*", ["Expect"] = "100-continue" } });

        await asking.AnswerAsync();

        var sent = asking.Upstream.Calls.ShouldHaveSingleItem().Headers;
        sent["Authorization"].ShouldBe("Token abc");
        sent["Accept"].ShouldBe("*/*");
        sent.Keys.ShouldNotContain("Expect");
    }

    private static async Task<IReadOnlyDictionary<string, string>> SentAsync(string template, RequestLabels labels)
    {
        await using var asking = await Asking.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));
        asking.Change(model => model with { Headers = new Dictionary<string, string> { ["X-For"] = template } });
        await asking.AnswerAsync(Asking.Request() with { Labels = labels });
        return asking.Upstream.Calls.ShouldHaveSingleItem().Headers;
    }
}
