using Headway.Streams;

namespace Headway.Tests.Streams;

public sealed class OutputWatchTests
{
    private static readonly JobId Job = JobId.New(DateTimeOffset.UnixEpoch);

    private readonly LiveOutputs _outputs = new();

    [Fact]
    public void A_watch_sees_all_while_nothing_of_the_output_is_only_in_the_log()
    {
        var output = _outputs.Open(Job);
        output.Show(Event(1));

        using var watch = _outputs.Watch(Job);
        output.Show(Event(2));
        output.Logged(2);

        watch.SeesAll.ShouldBeTrue();
        Read(watch).ShouldBe([1, 2]);
    }

    [Fact]
    public void One_that_begins_after_something_was_logged_does_not()
    {
        var output = _outputs.Open(Job);
        output.Show(Event(1));
        output.Logged(1);

        using var watch = _outputs.Watch(Job);
        output.Show(Event(2));

        watch.SeesAll.ShouldBeFalse();
        Read(watch).ShouldBe([2]);
    }

    [Fact]
    public void One_that_begins_while_nobody_writes_does_not()
    {
        using var before = _outputs.Watch(Job);
        var output = _outputs.Open(Job);
        output.Show(Event(1));
        output.Release();
        using var after = _outputs.Watch(Job);

        (before.SeesAll, after.SeesAll).ShouldBe((false, false));
    }

    [Fact]
    public async Task A_reader_that_heard_nothing_for_a_while_is_woken_and_told_to_look_at_the_log()
    {
        var output = _outputs.Open(Job);
        using var watch = _outputs.Watch(Job);
        output.Show(Event(1));
        Read(watch);

        watch.NoteSilence();
        watch.TakeLagging().ShouldBeFalse();
        var waiting = watch.WaitAsync().AsTask();
        watch.NoteSilence();
        await waiting;

        watch.TakeLagging().ShouldBeTrue();
    }

    [Fact]
    public async Task A_reader_who_leaves_is_woken()
    {
        using var watch = _outputs.Watch(Job);
        var waiting = watch.WaitAsync().AsTask();

        watch.Wake();

        await waiting;
        watch.TakeLagging().ShouldBeFalse();
    }

    private static LogEvent Event(long id) => new(id, LogEventKind.Delta, new byte[] { (byte)'1' });

    private static List<long> Read(OutputWatch watch)
    {
        var ids = new List<long>();
        while (watch.TryRead(out var entry)) ids.Add(entry.Id);
        return ids;
    }
}
