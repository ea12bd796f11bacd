using System.Buffers;
using System.Text;
using Headway.AspNetCore.Events;
using Headway.Jobs;

namespace Headway.AspNetCore.Tests.Events;

public sealed class EventStreamTests
{
    [Fact]
    public void An_event_is_written_as_id_event_and_data() => Written(new JobEvent(12, "delta", "{\"text\":\"é\"}"u8.ToArray())).ShouldBe("id: 12\nevent: delta\ndata: {\"text\":\"é\"}\n\n");

    [Fact]
    public void A_snapshot_has_no_id() => Written(new JobEvent(null, "status", "{}"u8.ToArray())).ShouldBe("event: status\ndata: {}\n\n");

    [Fact]
    public void The_largest_id_fits() => Written(new JobEvent(long.MaxValue, "end", "{}"u8.ToArray())).ShouldStartWith("id: 9223372036854775807\n");

    private static string Written(JobEvent shown)
    {
        var body = new ArrayBufferWriter<byte>();
        EventStream.Write(body, shown);
        return Encoding.UTF8.GetString(body.WrittenSpan);
    }
}
