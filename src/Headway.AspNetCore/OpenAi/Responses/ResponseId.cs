using System.Globalization;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>A response is a job under the name that its clients know: `resp_` and the 32 digits of the job's id.</summary>
internal static class ResponseId
{
    private const string Prefix = "resp_";

    public static string Of(JobId job) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{job.Value:N}");

    public static bool TryParse(string? text, out JobId job)
    {
        job = default;
        if (text?.StartsWith(Prefix, StringComparison.Ordinal) is not true || !Guid.TryParseExact(text.AsSpan(Prefix.Length), "N", out var value)) return false;
        job = new JobId(value);
        return true;
    }

    /// <summary>Of what a job put out: the same whenever it is read. An attempt after the first has ids of its own, because the first may have shown some.</summary>
    public static string OfOutput(string kind, JobId job, int attempt, int number)
        => string.Create(CultureInfo.InvariantCulture, $"{kind}_{job.Value:N}{Math.Max(0, attempt - 1):x2}{number:x2}");

    /// <summary>Of what was sent without one.</summary>
    public static string OfInput(string kind, JobId job, int number) => string.Create(CultureInfo.InvariantCulture, $"{kind}_{job.Value:N}in{number}");
}
