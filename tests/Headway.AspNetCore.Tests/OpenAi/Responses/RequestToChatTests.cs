using System.Text;
using Headway.AspNetCore.OpenAi.Responses;

namespace Headway.AspNetCore.Tests.OpenAi.Responses;

/// <summary>What each field of a request becomes in a chat completion.</summary>
public sealed class RequestToChatTests
{
    private const string Turn = """{"role":"user","content":"?"}""";

    [Theory]
    [InlineData("input", "?", Turn)]
    [InlineData("a system text", """[{"role":"developer","content":"Be brief."},{"role":"user","content":"?"}]""", """{"role":"system","content":"Be brief."},""" + Turn)]
    [InlineData("parts of text", """[{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_text","text":"b"}]}]""", """{"role":"user","content":"ab"}""")]
    [InlineData("an image", """[{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"data:x","detail":"low"}]}]""",
        """{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:x","detail":"low"}}]}""")]
    [InlineData("an image that says more than an image does", """[{"role":"user","content":[{"type":"input_image","image_url":"data:x","text":"a"}]}]""", """{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:x"}}]}""")]
    [InlineData("a file", """[{"role":"user","content":[{"type":"input_file","filename":"a.pdf","file_data":"data:y"}]}]""", """{"role":"user","content":[{"type":"file","file":{"filename":"a.pdf","file_data":"data:y"}}]}""")]
    [InlineData("sound", """[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"z","format":"wav"}}]}]""", """{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"z","format":"wav"}}]}""")]
    [InlineData("what was refused", """[{"role":"assistant","content":[{"type":"refusal","refusal":"No."}]},{"role":"user","content":"?"}]""", """{"role":"assistant","content":"","refusal":"No."},""" + Turn)]
    [InlineData("calls in a row are one turn", """[{"role":"assistant","content":"Let me see."},{"type":"function_call","call_id":"a","name":"f","arguments":"{}"},{"type":"function_call","call_id":"b","name":"g","arguments":"{}"},{"type":"function_call_output","call_id":"a","output":"1"},{"type":"function_call_output","call_id":"b","output":[{"type":"input_text","text":"2"}]}]""",
        """{"role":"assistant","content":"Let me see.","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"1"},{"role":"tool","tool_call_id":"b","content":"2"}""")]
    [InlineData("nothing comes between a call and its output", """[{"role":"assistant","content":"One. "},{"type":"function_call","call_id":"a","name":"f","arguments":"{}"},{"role":"assistant","content":"Two."},{"type":"function_call_output","call_id":"a","output":"1"},{"role":"assistant","content":"Done."}]""",
        """{"role":"assistant","content":"One. Two.","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"1"},{"role":"assistant","content":"Done."}""")]
    [InlineData("thoughts that nobody signed are left out", """[{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"of another maker"},{"role":"user","content":"?"}]""", Turn)]
    public void Its_input_becomes_turns(string what, string input, string turns) =>
        ChatOf($$"""{"model":"m","input":{{(input.StartsWith('[') ? input : $"\"{input}\"")}}}""").ShouldBe($$"""{"model":"m","messages":[{{turns}}]}""", what);

    [Theory]
    [InlineData("\"max_output_tokens\":20", "\"max_completion_tokens\":20")]
    [InlineData("\"reasoning\":{\"effort\":\"low\",\"summary\":\"auto\"}", "\"reasoning_effort\":\"low\"")]
    [InlineData("\"temperature\":0.20,\"top_p\":1", "\"temperature\":0.20,\"top_p\":1")]
    [InlineData("\"user\":\"u\",\"safety_identifier\":\"s\",\"prompt_cache_key\":\"p\",\"service_tier\":\"flex\"", "\"user\":\"u\",\"safety_identifier\":\"s\",\"prompt_cache_key\":\"p\",\"service_tier\":\"flex\"")]
    [InlineData("\"top_logprobs\":2", "\"logprobs\":true,\"top_logprobs\":2")]
    [InlineData("\"include\":[\"message.output_text.logprobs\"]", "\"logprobs\":true")]
    [InlineData("\"text\":{\"format\":{\"type\":\"text\"},\"verbosity\":\"low\"}", "\"verbosity\":\"low\"")]
    [InlineData("\"text\":{\"format\":{\"type\":\"json_object\"}}", "\"response_format\":{\"type\":\"json_object\"}")]
    [InlineData("\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"n\",\"schema\":{\"type\":\"object\"},\"strict\":true}}", "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":{\"type\":\"object\"},\"strict\":true}}")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"description\":\"d\",\"parameters\":{\"type\":\"object\"},\"strict\":null}],\"tool_choice\":{\"type\":\"function\",\"name\":\"f\"},\"parallel_tool_calls\":false",
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"description\":\"d\",\"parameters\":{\"type\":\"object\"}}}],\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}},\"parallel_tool_calls\":false")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"name\":\"f\"},{\"type\":\"function\",\"name\":\"g\"}],\"tool_choice\":{\"type\":\"allowed_tools\",\"mode\":\"required\",\"tools\":[{\"type\":\"function\",\"name\":\"g\"}]}",
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"g\"}}],\"tool_choice\":\"required\"")]
    [InlineData("\"parallel_tool_calls\":true,\"tool_choice\":\"auto\",\"tools\":[]", "")]
    [InlineData("\"metadata\":{\"a\":\"b\"},\"store\":false,\"truncation\":\"disabled\",\"stream_options\":{\"include_obfuscation\":false},\"max_tool_calls\":3,\"temperature\":null", "")]
    [InlineData("\"top_k\":40,\"x_unknown\":{\"kept\":[1,2.50]}", "\"top_k\":40,\"x_unknown\":{\"kept\":[1,2.50]}")]
    [InlineData("\"messages\":[],\"conversation\":[],\"prompt\":[]", "")]
    [InlineData("\"stream\":true", "\"stream\":true")]
    public void Each_field_becomes_what_chat_calls_it(string asked, string chat) =>
        ChatOf($$"""{"model":"m","input":"?",{{asked}}}""").ShouldBe($$"""{"model":"m","messages":[{{Turn}}]{{(chat.Length > 0 ? "," + chat : "")}}}""");

    [Fact]
    public void Instructions_stand_before_what_was_said_earlier()
    {
        var (_, request) = ResponseRequest.Read(Encoding.UTF8.GetBytes("""{"model":"m","input":"?","instructions":"In verse."}"""));
        var (_, earlier) = ResponseRequest.Read(Encoding.UTF8.GetBytes("""{"model":"m","input":"One."}"""));

        request!.Chat([.. earlier!.Items, .. request.Items]).ToJsonString().ShouldBe($$"""{"model":"m","messages":[{"role":"system","content":"In verse."},{"role":"user","content":"One."},{{Turn}}]}""");
    }

    private static string ChatOf(string request)
    {
        var (problem, read) = ResponseRequest.Read(Encoding.UTF8.GetBytes(request));
        problem.ShouldBeNull();
        return Encoding.UTF8.GetString(read!.Chat(read.Items).Bytes());
    }
}
