namespace Headway.Tests;

public sealed class JobIdTests
{
    [Theory]
    [InlineData(0, 1_000)]
    [InlineData(999, 1_000)]
    [InlineData(0, 1)]
    [InlineData(998, 999)]
    public void Ids_sort_by_time_as_values_and_as_bytes(int microseconds, int laterMicroseconds)
    {
        var begin = DateTimeOffset.UnixEpoch.AddYears(50);
        var (earlier, later) = (JobId.New(begin.AddMicroseconds(microseconds)), JobId.New(begin.AddMicroseconds(laterMicroseconds)));

        (earlier.Value.Version, earlier.Value.Variant & 0xC, earlier.Created).ShouldBe((7, 8, begin.ToUnixTimeMilliseconds()));
        earlier.CompareTo(later).ShouldBeLessThan(0);
        earlier.ToBytes().AsSpan().SequenceCompareTo(later.ToBytes()).ShouldBeLessThan(0);
        JobId.FromBytes(later.ToBytes()).ShouldBe(later);
    }

    [Fact]
    public void What_is_written_is_read_back_and_anything_else_is_refused()
    {
        var id = JobId.New(DateTimeOffset.UnixEpoch);

        JobId.TryParse(id.ToString(), out var read).ShouldBeTrue();
        read.ShouldBe(id);
        JobId.TryParse("job_" + id.Value, out _).ShouldBeFalse();
        JobId.TryParse(null, out _).ShouldBeFalse();
    }
}
