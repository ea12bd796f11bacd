using Headway.Upstream.Failing;

namespace Headway.Tests.Models.Failing;

/// <summary>Every fault of a model under every contract: what the caller saw, what was recorded and spent, how often the upstream was asked, in what time.</summary>
/// <remarks>The page docs/model-failures.md shows what is seen here, row by row; what holds for every case is asserted beside it.</remarks>
public abstract class FaultTableTests(Dialect dialect, bool streams) : IAsyncLifetime
{
    private FaultTable? _table;

    public async ValueTask InitializeAsync() => _table = await FaultTable.StartAsync(dialect, streams);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _table!.DisposeAsync();
    }

    [Fact]
    public async Task Each_fault_is_seen_recorded_and_paid_as_the_page_says()
    {
        var wrong = new List<string>();
        foreach (var fault in FaultTable.FaultsOf(dialect, streams).Select(fault => fault?.Name ?? FaultTable.NoServer))
        {
            var row = await _table!.PlayAsync(fault);
            if (FaultPage.NamesOf(fault, dialect, streams) is not [var name, ..] || FaultPage.Row(name) != row) wrong.Add($"| {fault} | {row} |");
        }

        wrong.ShouldBeEmpty(string.Join('\n', wrong));
    }
}

/// <summary>Streams of the OpenAI API.</summary>
public sealed class OpenAiFaultTableTests() : FaultTableTests(new OpenAiDialect(), streams: true);

/// <summary>Streams of the Messages API.</summary>
public sealed class AnthropicFaultTableTests() : FaultTableTests(new AnthropicDialect(), streams: true);

/// <summary>Servers of the OpenAI API that answer in one piece.</summary>
public sealed class OpenAiWholeFaultTableTests() : FaultTableTests(new OpenAiDialect(), streams: false);

/// <summary>Gateways of the Messages API that answer in one piece.</summary>
public sealed class AnthropicWholeFaultTableTests() : FaultTableTests(new AnthropicDialect(), streams: false);
