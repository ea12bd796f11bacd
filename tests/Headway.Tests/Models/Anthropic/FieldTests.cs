using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Headway.Models.Providers.Anthropic;

namespace Headway.Tests.Models.Anthropic;

/// <summary>What becomes of each field of a chat completion.</summary>
public sealed partial class FieldTests
{
    private const string Tools = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"find\"}}]";

    [Theory]
    [InlineData("\"seed\":1")]
    [InlineData("\"frequency_penalty\":0.5")]
    [InlineData("\"presence_penalty\":0.5")]
    [InlineData("\"prediction\":{\"type\":\"content\",\"content\":\"a\"}")]
    [InlineData("\"verbosity\":\"low\"")]
    [InlineData("\"store\":true")]
    [InlineData("\"metadata\":{\"a\":\"b\"}")]
    [InlineData("\"service_tier\":\"flex\"")]
    [InlineData("\"prompt_cache_key\":\"a\"")]
    [InlineData("\"prompt_cache_retention\":\"24h\"")]
    [InlineData("\"stream_options\":{\"include_usage\":true}")]
    [InlineData("\"n\":1")]
    [InlineData("\"logprobs\":false,\"top_logprobs\":0,\"logit_bias\":{}")]
    [InlineData("\"modalities\":[\"text\"],\"audio\":null,\"functions\":[],\"function_call\":\"none\"")]
    [InlineData("\"response_format\":{\"type\":\"text\"}")]
    [InlineData("\"x_unknown\":null")]
    public async Task A_hint_and_what_holds_anyway_is_left_out(string fields) =>
        JsonNode.DeepEquals(await AskingClaude.SentAsync(AskingClaude.Request(fields)), await AskingClaude.SentAsync(AskingClaude.Request())).ShouldBeTrue();

    [Theory]
    [InlineData("n", "2")]
    [InlineData("logprobs", "true")]
    [InlineData("top_logprobs", "3")]
    [InlineData("logit_bias", "{\"50256\":-100}")]
    [InlineData("modalities", "[\"text\",\"audio\"]")]
    [InlineData("audio", "{\"voice\":\"alloy\"}")]
    [InlineData("functions", "[{\"name\":\"a\"}]")]
    [InlineData("function_call", "{\"name\":\"a\"}")]
    [InlineData("web_search_options", "{}")]
    [InlineData("x_unknown", "[1]")]
    [InlineData("system", "\"a\"")]
    [InlineData("response_format", "{\"type\":\"grammar\"}")]
    [InlineData("response_format", "{\"type\":\"json_schema\"}")]
    [InlineData("reasoning_effort", "\"huge\"")]
    [InlineData("temperature", "\"hot\"")]
    [InlineData("stop", "[\"\\n\"]")]
    [InlineData("stop", "5")]
    [InlineData("tools[0]", "")]
    [InlineData("tool_choice", "{\"type\":\"allowed_tools\"}")]
    public async Task What_would_change_the_meaning_of_the_answer_is_refused_by_name(string field, string value)
    {
        var fields = field switch
        {
            "tools[0]" => "\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"a\"}}]",
            "tool_choice" => $"{Tools},\"tool_choice\":{value}",
            _ => $"\"{field}\":{value}",
        };

        (await AskingClaude.RefusedAsync(AskingClaude.Request(fields), "claude-sonnet-4-5")).ShouldStartWith($"Model 'fast' cannot be asked with {field}: ");
    }

    [Theory]
    [InlineData("\"temperature\":0.2", "temperature", "0.2")]
    [InlineData("\"temperature\":1.7", "temperature", "1")]
    [InlineData("\"temperature\":0.2,\"top_p\":0.9", "top_p", null)]
    [InlineData("\"top_p\":0.9", "top_p", "0.9")]
    [InlineData("\"top_k\":40", "top_k", "40")]
    [InlineData("\"stop\":\"END\"", "stop_sequences", "[\"END\"]")]
    [InlineData("\"stop\":[\"A\",\"B\"]", "stop_sequences", "[\"A\",\"B\"]")]
    [InlineData("\"user\":\"u-1\"", "metadata", "{\"user_id\":\"u-1\"}")]
    [InlineData("\"safety_identifier\":\"s-1\",\"user\":\"u-1\"", "metadata", "{\"user_id\":\"s-1\"}")]
    [InlineData("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000}", "thinking", "{\"type\":\"enabled\",\"budget_tokens\":2000}")]
    [InlineData("\"cache_control\":{\"type\":\"ephemeral\"}", "cache_control", "{\"type\":\"ephemeral\"}")]
    [InlineData("\"inference_geo\":\"us\"", "inference_geo", "\"us\"")]
    [InlineData(Tools, "tool_choice", null)]
    [InlineData(Tools + ",\"tool_choice\":\"auto\"", "tool_choice", "{\"type\":\"auto\"}")]
    [InlineData(Tools + ",\"tool_choice\":\"none\",\"parallel_tool_calls\":false", "tool_choice", "{\"type\":\"none\"}")]
    [InlineData(Tools + ",\"tool_choice\":\"required\"", "tool_choice", "{\"type\":\"any\"}")]
    [InlineData(Tools + ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"find\"}}", "tool_choice", "{\"type\":\"tool\",\"name\":\"find\"}")]
    [InlineData(Tools + ",\"parallel_tool_calls\":false", "tool_choice", "{\"type\":\"auto\",\"disable_parallel_tool_use\":true}")]
    [InlineData("\"parallel_tool_calls\":false,\"tool_choice\":\"auto\"", "tool_choice", null)]
    [InlineData(Tools, "tools", "[{\"name\":\"find\",\"input_schema\":{\"type\":\"object\"}}]")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"find\",\"strict\":true,\"parameters\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},\"required\":[\"a\"]}}}]", "tools",
        "[{\"name\":\"find\",\"strict\":true,\"input_schema\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},\"additionalProperties\":false,\"required\":[\"a\"]}}]")]
    public async Task What_has_a_counterpart_is_translated(string fields, string name, string? value) =>
        (await AskingClaude.SentAsync(AskingClaude.Request(fields), "claude-sonnet-4-5"))[name].Written().ShouldBe(value);

    [Theory]
    [InlineData("claude-sonnet-4-6", true)]
    [InlineData("claude-opus-4-20250514", true)]
    [InlineData("claude-3-5-haiku-20241022", true)]
    [InlineData("anthropic.claude-haiku-4-5-20251001-v1:0", true)]
    [InlineData("our-alias", true)]
    [InlineData("claude-opus-4-7", false)]
    [InlineData("claude-sonnet-5", false)]
    [InlineData("claude-opus-5-5", false)]
    [InlineData("us.anthropic.claude-fable-5", false)]
    public async Task Newer_models_are_not_sent_a_temperature_that_they_refuse(string model, bool sent) =>
        ((await AskingClaude.SentAsync(AskingClaude.Request("\"temperature\":0.5,\"top_k\":3"), model))["temperature"] is not null).ShouldBe(sent);

    [Theory]
    [InlineData("claude-sonnet-5", "high", "{\"type\":\"adaptive\",\"display\":\"summarized\"}", "high", 16_384)]
    [InlineData("claude-sonnet-5", "xhigh", "{\"type\":\"adaptive\",\"display\":\"summarized\"}", "xhigh", 16_384)]
    [InlineData("our-alias", "minimal", "{\"type\":\"adaptive\",\"display\":\"summarized\"}", "low", 16_384)]
    [InlineData("claude-opus-4-6", "xhigh", "{\"type\":\"adaptive\",\"display\":\"summarized\"}", "high", 16_384)]
    [InlineData("claude-opus-5", "none", null, "low", 16_384)]
    [InlineData("claude-sonnet-4-5", "minimal", "{\"type\":\"enabled\",\"budget_tokens\":1024}", null, 17_408)]
    [InlineData("claude-opus-4-1-20250805", "high", "{\"type\":\"enabled\",\"budget_tokens\":15000}", null, 31_384)]
    [InlineData("claude-sonnet-4-5", "none", null, null, 16_384)]
    [InlineData("claude-3-5-sonnet-20241022", "high", null, null, 16_384)]
    public async Task The_effort_of_thinking_is_said_as_the_generation_takes_it(string model, string effort, string? thinking, string? said, int maxTokens)
    {
        var sent = await AskingClaude.SentAsync(AskingClaude.Request($"\"reasoning_effort\":\"{effort}\""), model);

        sent["thinking"].Written().ShouldBe(thinking);
        (sent["output_config"]?["effort"]?.GetValue<string>()).ShouldBe(said);
        sent["max_tokens"]!.GetValue<int>().ShouldBe(maxTokens);
    }

    [Theory]
    [InlineData("\"max_tokens\":6000", "{\"type\":\"enabled\",\"budget_tokens\":3000}")]
    [InlineData("\"max_tokens\":2000", null)]
    [InlineData(Tools + ",\"tool_choice\":\"required\"", null)]
    [InlineData("\"thinking\":{\"type\":\"disabled\"}", "{\"type\":\"disabled\"}")]
    [InlineData("\"temperature\":0.5", "{\"type\":\"enabled\",\"budget_tokens\":15000}")]
    public async Task Thinking_gives_way_to_a_limit_a_forced_tool_and_the_APIs_own_word(string fields, string? thinking)
    {
        var sent = await AskingClaude.SentAsync(AskingClaude.Request($"\"reasoning_effort\":\"high\",{fields}"), "claude-sonnet-4-5");

        sent["thinking"].Written().ShouldBe(thinking);
        if (thinking?.Contains("enabled", StringComparison.Ordinal) is true)
            sent["temperature"].ShouldBeNull();
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("\"thinking_blocks\":[{\"type\":\"thinking\",\"thinking\":\"a\",\"signature\":\"b\"}],", "enabled")]
    public async Task A_model_that_thinks_by_budget_does_so_after_a_tool_only_with_its_earlier_thoughts(string thoughts, string? thinking)
    {
        var turns = $$$"""[{"role":"user","content":"a"},{"role":"assistant",{{{thoughts}}}"tool_calls":[{"id":"1","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"r"}]""";

        var sent = await AskingClaude.SentAsync(AskingClaude.Request("\"reasoning_effort\":\"low\"", messages: turns), "claude-sonnet-4-5");

        (sent["thinking"]?["type"]?.GetValue<string>()).ShouldBe(thinking);
    }

    [Fact]
    public void The_guide_says_of_every_field_what_becomes_of_it()
    {
        var guide = File.ReadAllText(Path.Combine(Repository.Root, "docs/guides/prompts-and-models.md"));
        var section = guide[guide.IndexOf("## Claude", StringComparison.Ordinal)..];

        foreach (var (word, fields) in new (string, IEnumerable<string>)[]
        {
            ("passed", AnthropicFields.Passed), ("adapted", AnthropicFields.Adapted), ("left out", AnthropicFields.Dropped), ("refused", AnthropicFields.Refused.Keys),
        })
        {
            Rows().Matches(section).Where(row => row.Groups["what"].Value.Trim() == word).SelectMany(row => Names().Matches(row.Groups["fields"].Value)).Select(name => name.Groups[1].Value)
                .ShouldBe(fields, ignoreOrder: true, word);
        }
    }

    [GeneratedRegex(@"^\|(?<fields>[^|]*)\|(?<what>[^|]*)\|[^|]*\|\r?$", RegexOptions.Multiline)]
    private static partial Regex Rows();

    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex Names();
}
