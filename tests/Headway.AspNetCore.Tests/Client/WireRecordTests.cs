using System.Text.Json;
using Headway.Client;

namespace Headway.AspNetCore.Tests.Client;

public sealed class WireRecordTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 13, 0, 0, 120, TimeSpan.FromHours(1));

    [Fact]
    public void A_queued_job_reads_as_the_page_of_the_api_says()
    {
        var job = new JobRecord
        {
            Id = "job_0195512f7b1c7c7e9a3b2f4d5e6f7a8b",
            Feature = "prescription-summary",
            Version = 2,
            Mode = Mode.Async,
            State = JobState.Queued,
            Subject = "encounter/8812",
            Metadata = JsonElement.Parse("""{"ward":"Süd"}"""),
            Priority = 5,
            Attempt = 1,
            Progress = new ProgressRecord(3, 7, "page 3"),
            WaitingFor = new WaitingForRecord("backoff", "tried again in 4 s", Noon),
            Position = 4,
            Created = Noon,
            Error = new ErrorRecord("model-timeout", "no first token after 2 s", true),
            Usage = new UsageRecord(812, 0),
            Cost = 0.0021m,
            Correlation = "4bf92f3577b34da6a3ce929d0e0e4736",
            Links = new JobLinksRecord("/v1/jobs/x", "/v1/jobs/x/result", "/v1/jobs/x/events", "/v1/jobs/x/audit"),
        };

        JsonSerializer.Serialize(job, HeadwayJson.Wire.JobRecord).ShouldBe(
            """{"id":"job_0195512f7b1c7c7e9a3b2f4d5e6f7a8b","feature":"prescription-summary","version":2,"mode":"async","state":"queued","subject":"encounter/8812","metadata":{"ward":"Süd"},"priority":5,"attempt":1,"progress":{"done":3,"total":7,"note":"page 3"},"waitingFor":{"code":"backoff","text":"tried again in 4 s","until":"2026-03-01T12:00:00.120Z"},"position":4,"created":"2026-03-01T12:00:00.120Z","error":{"code":"model-timeout","message":"no first token after 2 s","retryable":true},"usage":{"inputTokens":812,"outputTokens":0},"cost":0.0021,"correlation":"4bf92f3577b34da6a3ce929d0e0e4736","links":{"self":"/v1/jobs/x","result":"/v1/jobs/x/result","events":"/v1/jobs/x/events","audit":"/v1/jobs/x/audit"}}""");
    }

    [Fact]
    public void A_job_survives_the_wire()
    {
        const string Json = """
            {"id":"job_1","feature":"f","version":1,"mode":"hybrid","state":"dead","priority":0,"attempt":5,"created":"2026-03-01T12:00:00Z","finished":"2026-03-01T12:00:01.5+00:00",
             "correlation":"c","links":{"self":"s","result":"r","events":"e","audit":"a"},"added-later":true}
            """;

        var job = JsonSerializer.Deserialize(Json, HeadwayJson.Wire.JobRecord)!;

        job.State.ShouldBe(JobState.Dead);
        job.IsFinished.ShouldBeTrue();
        job.Finished.ShouldBe(new DateTimeOffset(2026, 3, 1, 12, 0, 1, 500, TimeSpan.Zero));
        job.Links.Audit.ShouldBe("a");
    }

    [Theory]
    [InlineData(JobState.Scheduled, "scheduled")]
    [InlineData(JobState.Queued, "queued")]
    [InlineData(JobState.Running, "running")]
    [InlineData(JobState.Waiting, "waiting")]
    [InlineData(JobState.Paused, "paused")]
    [InlineData(JobState.Succeeded, "succeeded")]
    [InlineData(JobState.Failed, "failed")]
    [InlineData(JobState.Dead, "dead")]
    [InlineData(JobState.Cancelled, "cancelled")]
    public void States_are_lower_case(JobState state, string wire)
        => JsonSerializer.Serialize(state, HeadwayJson.Wire.JobState).ShouldBe($"\"{wire}\"");

    [Fact]
    public void The_last_page_has_no_next()
        => JsonSerializer.Serialize(new JobPageRecord([]), HeadwayJson.Wire.JobPageRecord).ShouldBe("""{"jobs":[]}""");

    [Fact]
    public void A_problem_keeps_members_it_does_not_know()
    {
        var problem = JsonSerializer.Deserialize("""{"status":400,"code":"input-invalid","detail":"age: not a number","errors":["age"]}""", HeadwayJson.Wire.ProblemRecord)!;

        problem.Code.ShouldBe("input-invalid");
        problem.More!["errors"][0].GetString().ShouldBe("age");
    }

    [Fact]
    public void The_data_of_events_is_read_by_its_kind()
    {
        new JobEventRecord(null, "status", """{"id":"job_1","state":"scheduled","attempt":2,"waitingFor":"backoff","text":"tried again at noon"}""")
            .As(HeadwayJson.Wire.StatusEventRecord).ShouldBe(new StatusEventRecord("job_1", JobState.Scheduled, 2, null, "backoff", "tried again at noon"));
        new JobEventRecord(1_000_001, "delta", """{"text":"Dear "}""").As(HeadwayJson.Wire.DeltaEventRecord)!.Text.ShouldBe("Dear ");
        new JobEventRecord(1_000_002, "progress", """{"done":3,"total":7}""").As(HeadwayJson.Wire.ProgressRecord).ShouldBe(new ProgressRecord(3, 7));
        new JobEventRecord(1_000_003, "end", """{"id":"job_1","state":"dead","usage":{"inputTokens":1,"outputTokens":2},"cost":0,"error":{"code":"c","message":"m","retryable":true}}""")
            .As(HeadwayJson.Wire.EndEventRecord)!.Error.ShouldBe(new ErrorRecord("c", "m", true));
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("half a docu")]
    [InlineData("""{"id":"job_1","state":"unheard-of","attempt":1}""")]
    public void Data_of_another_shape_is_none(string data) => new JobEventRecord(1, "status", data).As(HeadwayJson.Wire.StatusEventRecord).ShouldBeNull();
}
