namespace Headway.Tests;

public sealed class JobIdTests
{
    [Fact]
    public void Ids_sort_by_time_as_values_and_as_bytes()
    {
        var earlier = JobId.New(DateTimeOffset.UnixEpoch.AddYears(50));
        var later = JobId.New(DateTimeOffset.UnixEpoch.AddYears(50).AddMilliseconds(1));

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
