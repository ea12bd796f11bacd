using System.Text;
using System.Text.Json;
using Headway.Caching;
using Headway.Payloads;
using Headway.Streams;

namespace Headway.Jobs.Running;

/// <summary>The output of a stream that is given the answer of another: events of the kinds that the first one showed, so that a reader needs to know of no cache.</summary>
/// <remarks>Prose comes as one `delta`, values one by one; what was not shown before its end comes as `result`. Ids begin as those of a first attempt, and the row is logged with
/// the record: it is resumed and read anew like any other.</remarks>
internal static class ShownAgain
{
    /// <summary>Null: nothing is shown before the end.</summary>
    public static LogRow? Of(Work work, GivenAnswer given)
    {
        if (!work.IsStream) return null;
        var first = LogEvent.FirstOf(1) + 1;
        var events = Deltas(given).Select((data, n) => new LogEvent(first + n, LogEventKind.Delta, data)).ToList();
        return events.Count == 0 ? null : new LogRow(first, events[^1].Id, work.Key.Seal(PayloadKind.Stream, work.Origin.Id, LogCodec.Encode(events), first));
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Deltas(GivenAnswer given)
    {
        switch (given.Pieces)
        {
            case AnswerPieces.Prose:
                yield return OutputJson.Text(Encoding.UTF8.GetString(given.Body.Span));
                break;
            case AnswerPieces.Values:
                using (var values = JsonDocument.Parse(given.Body))
                {
                    // Code may show values and give something else in the end: that is given whole.
                    if (values.RootElement.ValueKind is not JsonValueKind.Array) break;
                    foreach (var value in values.RootElement.EnumerateArray()) yield return OutputJson.Value(Encoding.UTF8.GetBytes(value.GetRawText()));
                }
                break;
        }
    }
}
