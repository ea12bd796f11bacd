using System.Text;
using System.Text.Json;
using Headway.Features.Schemas;
using Headway.Handlers.Prompt.Citations;
using Headway.Models;
using Headway.Tests.Models;

namespace Headway.Tests.Handlers.Prompt.Citations;

public sealed class CitationCheckTests
{
    private const string Input = """{"complaint":"Chest pain since noon.","notes":[{"by":"nurse","text":"Pale, sweating."}],"age":54,"broken":"\ud83d"}""";

    [Theory]
    [InlineData("""{"findings":[{"quote":"chest pain"},{"quote":"pale, sweating"}]}""")]
    [InlineData("""{"findings":[]}""")]
    public async Task Citations_of_any_text_of_the_input_stand(string answer) => (await JudgeAsync("$.findings[*].quote", answer)).ShouldBeNull();

    [Theory]
    [InlineData("$.findings[*].quote", """{"findings":[{"quote":"chest pain"},{"quote":"no pain"}]}""", "$.findings[1].quote is not in the input")]
    [InlineData("$.findings[*].quote", """{"findings":[{"quote":"since noon. Pale"}]}""", "$.findings[0].quote is not in the input")]
    [InlineData("$.findings[*].quote", """{"findings":[{"quote":"complaint"}]}""", "$.findings[0].quote is not in the input")]
    [InlineData("$.findings[*].quote", """{"findings":[{"quote":"54"}]}""", "$.findings[0].quote is not in the input")]
    [InlineData("$.findings[*].quote", """{"findings":[{"quote":" … "}]}""", "$.findings[0].quote is empty")]
    [InlineData("$.findings[*].quote", """{"findings":[{"quote":null}]}""", "$.findings[0].quote is no text")]
    [InlineData("$.findings[*].quote", """{"findings":[{"quote":"\ud83d"}]}""", "$.findings[0].quote is no text")]
    [InlineData("$.findings[*].quote", """{"findings":[{}]}""", "$.findings[0].quote is missing")]
    [InlineData("$.findings[*].quote", "{}", "$.findings is missing")]
    [InlineData("$.citations[*]", """{"citations":[]}""", "$.citations[*] is missing")]
    public async Task What_does_not_stand_is_named_by_its_place_and_never_quoted_in_the_failure(string path, string answer, string why)
    {
        var fault = (await JudgeAsync(path, answer)).ShouldNotBeNull();

        (fault.Failure.Code, fault.Failure.Kind, fault.OfInput).ShouldBe(("citation-missing", FailureKind.InvalidOutput, false));
        fault.Failure.Message.ShouldBe($"Model 'practice' cites what is not in the input: {why}.");
        fault.Repair!.Answer.ShouldBe(answer);
        fault.Repair.Complaint.ShouldContain(why);
    }

    [Fact]
    public async Task The_model_is_told_what_it_cited() =>
        (await JudgeAsync("$.citations[*]", """{"citations":["no pain at all"]}"""))!.Repair!.Complaint.ShouldContain("$.citations[0] is not in the input (\"no pain at all\")");

    [Fact]
    public async Task More_citations_than_anybody_reads_are_refused() =>
        (await JudgeAsync("$.citations[*]", JsonSerializer.Serialize(new { citations = Enumerable.Repeat("chest pain", 257) })))!.Failure.Message.ShouldContain("has more than 256 citations");

    [Fact]
    public async Task A_copy_of_the_input_is_no_citation() =>
        (await JudgeAsync("$.citations[*]", JsonSerializer.Serialize(new { citations = new[] { new string('a', 8193) } })))!.Failure.Message.ShouldContain("is longer than 8192 characters");

    [Fact]
    public async Task Text_files_can_be_cited_and_others_cannot()
    {
        InputFile[] files = [File("letter", "text/plain; charset=utf-8", "The ECG shows ST elevation."), File("scan", "application/pdf", "Troponin is high.")];

        (await JudgeAsync("$.citations[*]", """{"citations":["st elevation"]}""", files)).ShouldBeNull();
        (await JudgeAsync("$.citations[*]", """{"citations":["troponin"]}""", files)).ShouldNotBeNull();
    }

    [Fact]
    public async Task An_input_beyond_any_model_is_too_long_to_cite()
    {
        using var json = JsonDocument.Parse(JsonSerializer.Serialize(new string('a', CitedInput.MostCharacters)));

        (await CitedInput.OfAsync(json.RootElement, [], CancellationToken.None)).IsTooLong.ShouldBeFalse();
        (await CitedInput.OfAsync(json.RootElement, [File("more", "text/plain", "b")], CancellationToken.None)).IsTooLong.ShouldBeTrue();
    }

    private static InputFile File(string name, string type, string text) =>
        new(name, null, type, Encoding.UTF8.GetByteCount(text), [], _ => ValueTask.FromResult<Stream>(new MemoryStream(Encoding.UTF8.GetBytes(text))));

    private static async Task<ModelFault?> JudgeAsync(string path, string answer, params InputFile[] files)
    {
        using var json = JsonDocument.Parse(Input);
        ValuePath.TryParse(path, out var parsed).ShouldBeTrue();
        var check = new CitationCheck([parsed!], await CitedInput.OfAsync(json.RootElement, files, CancellationToken.None));
        return check.Judge(Catalogs.Rehearsal(), Encoding.UTF8.GetBytes(answer), answer);
    }
}
