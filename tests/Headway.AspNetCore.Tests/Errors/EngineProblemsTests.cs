using Headway.AspNetCore.Errors;
using Headway.Features;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Storage;

namespace Headway.AspNetCore.Tests.Errors;

public sealed class EngineProblemsTests
{
    [Theory]
    [InlineData("model-timeout", 2, 504)]
    [InlineData("timeout", 2, 504)]
    [InlineData("model-rate-limited", 0, 502)]
    [InlineData("model-limit", 0, 503)]
    [InlineData("model-over-limit", 5, 422)]
    [InlineData("budget-exhausted", 5, 429)]
    [InlineData("handler-unreachable", 1, 502)]
    [InlineData("output-invalid", 3, 502)]
    [InlineData("handler-exception", 4, 500)]
    [InlineData("handler-refused", 5, 502)]
    [InlineData("data-not-allowed", 5, 502)]
    [InlineData("input-invalid", 5, 400)]
    [InlineData("patient-unknown", 5, 422)]
    [InlineData("model-content-filter", 5, 422)]
    [InlineData("model-unauthorized", 5, 502)]
    [InlineData("template-failed", 5, 500)]
    [InlineData("citation-missing", 3, 502)]
    [InlineData("citation-input-too-large", 5, 413)]
    [InlineData("tool-unavailable", 1, 502)]
    [InlineData("tool-timeout", 2, 504)]
    [InlineData("tool-rounds-exhausted", 5, 502)]
    [InlineData("tools-too-many", 5, 502)]
    [InlineData("expired", 5, 504)]
    [InlineData("cancelled", 5, 409)]
    [InlineData("abandoned", 5, 409)]
    [InlineData("node-lost", 1, 502)]
    public void Each_failure_has_its_status(string code, int kind, int status)
    {
        var problem = EngineProblems.Of(Failed, new Failure { Code = code, Kind = (FailureKind)kind, Message = "What happened.", RetryAfter = TimeSpan.FromSeconds(3) });

        problem.Kind.Status.ShouldBe(status);
        problem.Kind.Code.ShouldBe(code);
        problem.Job.ShouldBe(Failed.Id);
        problem.State.ShouldBe("failed");
        problem.RetryAfter.ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void Every_kind_of_refusal_has_its_status()
    {
        var statuses = Enum.GetValues<RefusalKind>().ToDictionary(kind => kind, kind => EngineProblems.Of(new Refusal(kind, "some-code", "What happened.")).Kind.Status);

        statuses.ShouldBe(new Dictionary<RefusalKind, int>
        {
            [RefusalKind.Invalid] = 400,
            [RefusalKind.NotFound] = 404,
            [RefusalKind.Conflict] = 409,
            [RefusalKind.Mismatch] = 422,
            [RefusalKind.TooLarge] = 413,
            [RefusalKind.Limited] = 429,
            [RefusalKind.Unavailable] = 503,
            [RefusalKind.Expired] = 410,
            [RefusalKind.NotFinished] = 409,
            [RefusalKind.NotCached] = 504,
            [RefusalKind.Unreachable] = 422,
        }, ignoreOrder: true);
    }

    [Theory]
    [InlineData("storage-full")]
    [InlineData("storage-read-only")]
    public void A_database_that_cannot_write_is_a_503_to_come_again(string code)
    {
        var problem = EngineProblems.Of(new StorageException(code, "The disk is full."));

        problem.Kind.Status.ShouldBe(503);
        problem.Kind.Code.ShouldBe(code);
        problem.RetryAfter.ShouldNotBeNull();
    }

    private static readonly Job Failed = new()
    {
        Id = JobId.New(DateTimeOffset.UnixEpoch),
        Tenant = "default",
        Feature = "echo",
        Version = 1,
        Mode = Mode.Sync,
        State = JobState.Failed,
        Created = DateTimeOffset.UnixEpoch,
        Correlation = "c",
    };
}
