namespace Headway.Streams;

/// <summary>One event of a job's output. Ids are attempt × <see cref="PerAttempt"/> + n, rising by one within an attempt.</summary>
/// <param name="Data">JSON on one line.</param>
internal readonly record struct LogEvent(long Id, LogEventKind Kind, ReadOnlyMemory<byte> Data)
{
    /// <summary>Room for the events of one attempt, so that a new attempt never repeats an id that an old one may have shown (docs/decisions/0004).</summary>
    public const long PerAttempt = 1_000_000;

    public static long FirstOf(int attempt) => attempt * PerAttempt;
}

/// <summary>The numbers are stored.</summary>
internal enum LogEventKind : byte { Restart = 1, Delta = 2, Progress = 3 }
