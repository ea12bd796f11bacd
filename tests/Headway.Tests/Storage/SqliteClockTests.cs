using Headway.Storage.Sqlite;

namespace Headway.Tests.Storage;

/// <summary>What the clock of a file tells while the machine's is set.</summary>
public sealed class SqliteClockTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly SettableTime _machine = new();

    [Fact]
    public void It_follows_a_machine_that_is_set_forward_at_once()
    {
        var clock = new SqliteClock(_machine, null);
        _machine.Set(Hour);
        clock.GetUtcNow().ShouldBe(_machine.GetUtcNow());
    }

    [Fact]
    public void It_goes_on_at_half_its_speed_until_a_machine_that_was_set_back_has_caught_up()
    {
        var clock = new SqliteClock(_machine, null);
        var told = clock.GetUtcNow();
        _machine.Set(-Hour);
        clock.GetUtcNow().ShouldBe(told);
        _machine.Pass(Hour);
        clock.GetUtcNow().ShouldBe(told + (Hour / 2));
        _machine.Pass(2 * Hour);
        clock.GetUtcNow().ShouldBe(_machine.GetUtcNow());
    }

    [Fact]
    public void It_does_not_stand_still_however_often_it_is_asked()
    {
        var clock = new SqliteClock(_machine, null);
        var told = clock.GetUtcNow();
        _machine.Set(-Hour);
        for (var tick = 0; tick < 1_000; tick++)
        {
            _machine.Pass(TimeSpan.FromTicks(1));
            clock.GetUtcNow();
        }
        clock.GetUtcNow().ShouldBe(told + TimeSpan.FromTicks(500));
    }

    [Fact]
    public void It_begins_where_the_process_before_had_got_to_but_not_days_ahead()
    {
        var now = _machine.GetUtcNow();
        new SqliteClock(_machine, now + Hour).GetUtcNow().ShouldBe(now + Hour);
        new SqliteClock(_machine, now - Hour).GetUtcNow().ShouldBe(now);
        new SqliteClock(_machine, now + SqliteClock.LongestAhead + Hour).GetUtcNow().ShouldBe(now);
    }

    /// <summary>A machine whose wall clock can be set; the steady one only goes on.</summary>
    private sealed class SettableTime : TimeProvider
    {
        private DateTimeOffset _wall = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
        private long _steady;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Set(TimeSpan by) => _wall += by;

        public void Pass(TimeSpan time)
        {
            _wall += time;
            _steady += time.Ticks;
        }

        public override DateTimeOffset GetUtcNow() => _wall;

        public override long GetTimestamp() => _steady;
    }
}
