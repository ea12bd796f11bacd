namespace Headway.Streams;

/// <summary>An attempt shows more than its log keeps. Thrown to the work, which cannot go on: the rest could not be read again.</summary>
internal sealed class OutputFullException() : Exception($"The output of one attempt is longer than the log keeps: {OutputLog.LongestBytes / 1024 / 1024} MiB, or {LogEvent.PerAttempt:N0} events.");
