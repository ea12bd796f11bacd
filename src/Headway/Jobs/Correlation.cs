namespace Headway.Jobs;

/// <summary>What ties a job to the rest of the caller's world: the trace id of its traceparent (W3C), else the job's own id.</summary>
internal static class Correlation
{
    // 00-<32 hex>-<16 hex>-<2 hex>
    private const int TraceStart = 3;
    private const int TraceLength = 32;

    public static string Of(JobId job, string? traceParent) =>
        traceParent is { Length: >= TraceStart + TraceLength } ? traceParent.Substring(TraceStart, TraceLength) : job.ToString();
}
