using System.Net.Http.Json;
using System.Text.Json;

namespace Headway.Client;

/// <summary>The server refused, or answered what no Headway server answers. Branch on <see cref="Code"/>. A server that cannot be reached is an <see cref="HttpRequestException"/>.</summary>
public sealed class HeadwayException : Exception
{
    /// <summary>The code when the answer was not a problem of ours: a proxy's page, for example.</summary>
    public const string Unexpected = "unexpected-answer";

    /// <summary>Makes one from a problem.</summary>
    public HeadwayException(ProblemRecord problem, TimeSpan? retryAfter = null, Exception? inner = null) : base(Words(problem), inner)
    {
        Problem = problem;
        RetryAfter = retryAfter;
    }

    /// <summary>The whole problem.</summary>
    public ProblemRecord Problem { get; }

    /// <summary>The problem's stable code, or <see cref="Unexpected"/>.</summary>
    public string Code => Problem.Code ?? Unexpected;

    /// <summary>The HTTP status; 0 when the answer broke before it said one.</summary>
    public int Status => Problem.Status ?? 0;

    /// <summary>How long to wait before asking again. Null: the server did not say.</summary>
    public TimeSpan? RetryAfter { get; }

    internal static HeadwayException Because(string detail, int? status = null, Exception? inner = null)
        => new(new ProblemRecord { Code = Unexpected, Detail = detail, Status = status }, null, inner);

    internal static async Task<HeadwayException> FromAsync(HttpResponseMessage answer, CancellationToken stop)
    {
        var status = (int)answer.StatusCode;
        var retryAfter = answer.Headers.RetryAfter?.Delta;
        try
        {
            if (answer.Content.Headers.ContentType?.MediaType is "application/problem+json" or "application/json"
                && await answer.Content.ReadFromJsonAsync(HeadwayJson.Wire.ProblemRecord, stop).ConfigureAwait(false) is { } problem)
                return new HeadwayException(problem with { Status = problem.Status ?? status }, retryAfter);
        }
        catch (JsonException)
        {
            // Not a problem document after all: the status is all there is to tell.
        }

        var detail = $"{answer.RequestMessage?.RequestUri} answered {status} {answer.ReasonPhrase} without a problem document: is it a Headway server?";
        return new HeadwayException(new ProblemRecord { Code = Unexpected, Status = status, Detail = detail }, retryAfter);
    }

    private static string Words(ProblemRecord problem) => problem.Detail ?? problem.Title ?? $"The server answered {problem.Status}.";
}
