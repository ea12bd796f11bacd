using Headway.Upstream.Failing;

namespace Headway.Tests.Models.Failing;

public sealed class FaultPageTests
{
    private static readonly (int Table, string Name)[][] Names =
    [
        .. from dialect in new Dialect[] { new OpenAiDialect(), new AnthropicDialect() }
           from streams in new[] { true, false }
           from fault in FaultTable.FaultsOf(dialect, streams)
           select FaultPage.NamesOf(fault?.Name ?? FaultTable.NoServer, dialect, streams).ToArray(),
    ];

    [Fact]
    public void The_page_has_no_row_that_nobody_holds() => FaultPage.All.Except(Names.Where(names => names.Length > 0).Select(names => names[0])).ShouldBeEmpty();

    [Fact]
    public void The_page_has_no_exception_that_is_none() => Names.Where(names => FaultPage.RowBeneath(names) is { } other && other == FaultPage.Row(names[0])).ShouldBeEmpty();
}
