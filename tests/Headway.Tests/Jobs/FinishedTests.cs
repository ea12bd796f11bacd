using Headway.Jobs.Running;

namespace Headway.Tests.Jobs;

public sealed class FinishedTests
{
    private static readonly JobId Job = JobId.New(DateTimeOffset.UnixEpoch);

    private readonly Finished _finished = new();

    [Fact]
    public void One_who_was_told_and_asks_again_is_not_forgotten_with_another_who_leaves()
    {
        var (first, second) = (_finished.Expect(Job), _finished.Expect(Job));
        _finished.Tell(Job);
        _finished.Forget(Job, first);
        var again = _finished.Expect(Job);
        _finished.Forget(Job, second);

        _finished.Tell(Job);

        again.IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public void All_can_be_told_at_once()
    {
        var (one, other) = (_finished.Expect(Job), _finished.Expect(JobId.New(DateTimeOffset.UnixEpoch.AddDays(1))));

        _finished.TellAll();

        (one.IsCompleted, other.IsCompleted).ShouldBe((true, true));
    }
}
