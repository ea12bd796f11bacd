using Headway.Storage;
using Headway.Streams;

namespace Headway.Tests.Streams;

public sealed class OutputLogTests : IAsyncDisposable
{
    private readonly List<LogRow> _kept = [];
    private readonly LogFlusher _flusher = new(new ManualTime());
    private readonly OutputLog _log;
    private StorageException? _trouble;
    private bool _committed;

    public OutputLogTests() => _log = new OutputLog(new LiveOutput(new JobId(Guid.Empty), _ => { }), 1, (_, bytes) => bytes.ToArray(), WriteAsync, _flusher);

    private static StorageException Full => new("storage-full", "full");

    private Task<bool> WriteAsync(LogRow row)
    {
        if (_trouble is null || _committed) _kept.Add(row);
        return _trouble is null ? Task.FromResult(true) : Task.FromException<bool>(_trouble);
    }

    private async Task SayAsync(string text) => (await _log.AppendAsync(LogEventKind.Delta, System.Text.Encoding.UTF8.GetBytes(text), default)).ShouldBeTrue();

    [Fact]
    public async Task What_the_disk_refuses_for_a_while_is_written_later_in_its_order()
    {
        await SayAsync("1");
        _trouble = Full;
        await _log.FlushAsync();
        await SayAsync("2");
        await _log.FlushAsync();
        _kept.ShouldBeEmpty();
        _trouble = null;
        await _log.FlushAsync();
        await SayAsync("3");
        await _log.FlushAsync();

        _log.IsLost.ShouldBeFalse();
        _kept.Select(row => (row.First, row.Last)).ShouldBe([(1_000_001, 1_000_001), (1_000_002, 1_000_002), (1_000_003, 1_000_003)]);
    }

    [Fact]
    public async Task What_was_still_refused_at_the_end_goes_with_the_write_that_ends_the_attempt()
    {
        await SayAsync("1");
        _trouble = Full;
        await _log.FlushAsync();
        await SayAsync("2");
        await SayAsync("3");

        (await _log.TakeTailAsync()).Select(row => (row.First, row.Last)).ShouldBe([(1_000_001, 1_000_001), (1_000_002, 1_000_003)]);
        _log.Last.ShouldBe(1_000_003);
    }

    [Fact]
    public async Task A_row_that_may_have_been_written_is_tried_again_as_it_was()
    {
        await SayAsync("1");
        (_trouble, _committed) = (new StorageException("storage-unavailable", "gone"), true);
        await _log.FlushAsync();
        await SayAsync("2");
        _trouble = null;
        await _log.FlushAsync();

        _kept[1].ShouldBeSameAs(_kept[0]);
        _kept[2].First.ShouldBe(1_000_002);
    }

    [Fact]
    public async Task What_cannot_be_kept_in_memory_until_the_disk_takes_it_ends_the_attempt()
    {
        _trouble = Full;
        for (var count = 0; count < 20 && !_log.IsLost; count++) await SayAsync(new string('x', 100_000));

        _log.IsLost.ShouldBeTrue();
        (await _log.TakeTailAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Trouble_that_does_not_pass_ends_the_attempt()
    {
        await SayAsync("1");
        _trouble = new StorageException("storage-corrupt", "corrupt");
        await _log.FlushAsync();

        _log.IsLost.ShouldBeTrue();
    }

    public ValueTask DisposeAsync() => _flusher.DisposeAsync();
}
