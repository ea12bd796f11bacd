using System.Text.Json;

namespace Headway.AspNetCore.Tests.Cli;

public sealed class CallTests(LiveServer server) : IClassFixture<LiveServer>
{
    [Fact]
    public async Task A_sync_call_writes_its_answer_and_nothing_else()
    {
        var call = await server.RunAsync("""call summary --input {"text":"Ibuprofen_twice_a_day."}""");

        call.Error.ShouldBeEmpty();
        call.Code.ShouldBe(0, call.Error);
        call.Out.ShouldContain("Ibuprofen");
        call.Out.ShouldEndWith("\n");
    }

    [Fact]
    public async Task The_input_can_come_from_a_file_or_the_standard_input()
    {
        var file = Path.GetTempFileName() + ".json";
        await File.WriteAllTextAsync(file, """{"text":"Paracetamol."}""");
        try
        {
            (await server.RunAsync($"call summary --input {file}")).Out.ShouldContain("Paracetamol");
        }
        finally
        {
            File.Delete(file);
        }

        (await server.RunAsync("call summary --input -", """{"text":"Aspirin."}""")).Out.ShouldContain("Aspirin");
    }

    [Fact]
    public async Task As_json_the_answer_comes_with_its_job_and_model()
    {
        var call = await server.RunAsync("""call summary --json --input {"text":"Ibuprofen."}""");

        var document = JsonElement.Parse(call.Out);
        document.GetProperty("job").GetString()!.ShouldStartWith("job_");
        document.GetProperty("model").GetString().ShouldBe("practice");
        document.GetProperty("result").GetString()!.ShouldContain("Ibuprofen");
    }

    [Fact]
    public async Task A_stream_is_poured_as_it_comes()
    {
        var call = await server.RunAsync("""call chat --input {"text":"Ibuprofen."}""");

        call.Error.ShouldBeEmpty();
        call.Code.ShouldBe(0, call.Error);
        call.Out.ShouldContain("Ibuprofen");
        call.Out.ShouldNotContain("{\"text\"");
    }

    [Fact]
    public async Task A_stream_as_json_is_one_event_per_line_up_to_the_end()
    {
        var call = await server.RunAsync("""call chat --json --input {"text":"Ibuprofen."}""");

        var kinds = call.Lines.Select(line => JsonElement.Parse(line).GetProperty("event").GetString()).ToList();
        kinds.ShouldContain("delta");
        kinds[^1].ShouldBe("end");
    }

    [Fact]
    public async Task An_async_call_writes_the_id_and_state_of_its_job()
    {
        var call = await server.RunAsync("""call later --subject encounter/8812 --input {"text":"Ibuprofen."}""");

        call.Code.ShouldBe(0, call.Error);
        var id = call.Out.Split('\t')[0];
        (await server.Client.GetJobAsync(id)).Subject.ShouldBe("encounter/8812");
    }

    [Fact]
    public async Task Watching_writes_the_result_to_the_output_and_how_it_came_about_beside_it()
    {
        var call = await server.RunAsync("""call later --watch --input {"text":"Ibuprofen."}""");

        call.Code.ShouldBe(0, call.Error);
        call.Out.ShouldContain("Ibuprofen");
        call.Out.ShouldNotContain("status\t");
        call.Error.ShouldContain("end\t");
    }

    [Fact]
    public async Task A_hybrid_call_is_answered_with_a_job_when_asked_for_one()
    {
        var call = await server.RunAsync("call gated --async");

        call.Code.ShouldBe(0, call.Error);
        call.Out.ShouldStartWith("job_");
        server.Open(1);
        (await server.Client.WaitJobAsync(call.Out.Split('\t')[0])).State.ShouldBe(Headway.Client.JobState.Succeeded);
    }

    [Fact]
    public async Task The_same_idempotency_key_is_the_same_job()
    {
        var first = await server.RunAsync("""call later --idempotency-key k-1 --input {"text":"a."}""");
        var second = await server.RunAsync("""call later --idempotency-key k-1 --input {"text":"a."}""");

        second.Out.Split('\t')[0].ShouldBe(first.Out.Split('\t')[0]);
    }

    [Fact]
    public async Task A_refusal_is_code_4_with_the_words_and_the_code_of_the_problem()
    {
        var call = await server.RunAsync("call sumary");

        call.Code.ShouldBe(4);
        call.Error.ShouldContain("summary");
        call.Error.ShouldContain("(feature-unknown)");
    }

    [Theory]
    [InlineData("summary")]
    [InlineData("chat")]
    public async Task An_answer_cannot_command_the_terminal_it_is_shown_on(string feature)
    {
        var input = """{"text":"Ibuprofen\u001b]0;pwned\u0007 daily\u009b2J."}""";

        var shown = await server.RunAsync($"call {feature} --input -", input, interactive: true);
        shown.Out.ShouldContain("Ibuprofen\uFFFD]0;pwned");
        shown.Out.Where(letter => char.IsControl(letter) && letter is not ('\n' or '\r' or '\t')).ShouldBeEmpty();

        // A pipe gets the bytes as they are.
        (await server.RunAsync($"call {feature} --input -", input)).Out.ShouldContain("\u001b]0;pwned");
    }
}
