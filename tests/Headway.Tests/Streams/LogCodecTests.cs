using System.Text;
using Headway.Streams;

namespace Headway.Tests.Streams;

public sealed class LogCodecTests
{
    [Fact]
    public void Events_come_back_as_they_were_however_alike_they_are() => Property.Check(random =>
    {
        var events = Enumerable.Range(0, random.Next(1, 20)).Select(n => new LogEvent(1_000_001 + n, (LogEventKind)random.Next(1, 4), Data(random))).ToList();

        var bytes = LogCodec.Encode(events);

        Told(LogCodec.Decode(1_000_001, bytes)).ShouldBe(Told(events));
        bytes.Length.ShouldBeLessThanOrEqualTo(LogCodec.LongestOf(events));
    }, cases: 300);

    [Fact]
    public void Of_events_that_repeat_each_other_what_differs_is_kept()
    {
        var events = Enumerable.Range(0, 100).Select(n => new LogEvent(n, LogEventKind.Delta, Encoding.UTF8.GetBytes($"{{\"value\":{{\"id\":\"chatcmpl-1\",\"delta\":\"word {n}\",\"finish_reason\":null}}}}"))).ToList();

        LogCodec.Encode(events).Length.ShouldBeLessThan(LogCodec.LongestOf(events) / 4);
    }

    [Fact]
    public void An_event_that_is_longer_than_its_likeness_can_be_told_comes_back_too()
    {
        var data = Encoding.UTF8.GetBytes(new string('a', 100_000) + "b" + new string('c', 100_000));
        List<LogEvent> events = [new(1, LogEventKind.Delta, data), new(2, LogEventKind.Delta, data)];

        Told(LogCodec.Decode(1, LogCodec.Encode(events))).ShouldBe(Told(events));
    }

    [Fact]
    public void A_row_of_an_older_node_is_read()
    {
        byte[] row = [2, 3, 0, 0, 0, .. "one"u8, 3, 3, 0, 0, 0, .. "two"u8];

        Told(LogCodec.Decode(7, row)).ShouldBe([(7, LogEventKind.Delta, "one"), (8, LogEventKind.Progress, "two")]);
    }

    private static byte[] Data(Random random)
    {
        string[] pieces = ["{\"value\":{\"content\":\"", "aaaa", "ab", "", "\"},\"finish_reason\":null}", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"];
        return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(0, 5)).Select(_ => pieces[random.Next(pieces.Length)])));
    }

    private static List<(long Id, LogEventKind Kind, string Data)> Told(IEnumerable<LogEvent> events) => [.. events.Select(entry => (entry.Id, entry.Kind, Encoding.UTF8.GetString(entry.Data.Span)))];
}
