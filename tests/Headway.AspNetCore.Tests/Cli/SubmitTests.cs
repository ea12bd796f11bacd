namespace Headway.AspNetCore.Tests.Cli;

public sealed class SubmitTests(LiveServer server) : IClassFixture<LiveServer>
{
    [Fact]
    public async Task Each_line_has_its_row_and_a_refused_one_is_told_by_the_exit()
    {
        var submit = await server.RunAsync("submit gated --input - --idempotency-key run", """
            {"input":{"n":1}}
            {"input":{"n":2},"priority":77}
            """);

        submit.Code.ShouldBe(1, submit.Error);
        submit.Lines.Count.ShouldBe(3);
        submit.Lines[1].ShouldMatch("^1\taccepted\tjob_[0-9a-f]{32}\t$");
        submit.Lines[2].ShouldStartWith("2\trefused\t\tpriority-invalid: ");
        submit.Error.ShouldContain("1 taken, 1 refused");
    }

    [Fact]
    public async Task A_word_that_no_line_has_is_told_before_anything_is_sent()
    {
        var submit = await server.RunAsync("submit gated --input -", """{"input":{},"priorty":1}""");

        submit.Code.ShouldBe(2);
        submit.Error.ShouldContain("Line 1");
        (await server.RunAsync("submit gated --input nowhere.ndjson")).Code.ShouldBe(2);
    }
}
