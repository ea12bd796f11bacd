using System.Text.Json;
using Headway.Access;
using Headway.Client;
using Headway.Jobs;
using Headway.Jobs.Running;
using Headway.Payloads.Files;

namespace Headway.AspNetCore;

/// <summary>Puts jobs, attempts and audit events into the records of the wire.</summary>
internal static class JobWire
{
    /// <summary>As much of it as the caller may see. Who reads the audit trail only, sees that there was a job, and nothing of what it holds.</summary>
    public static JobRecord For(Caller caller, Job job)
    {
        var record = Of(job);
        if (caller.Has(Roles.Readers)) return record;
        return record with
        {
            Subject = null,
            Metadata = null,
            Progress = record.Progress is null ? null : record.Progress with { Note = null },
            Error = record.Error is null ? null : record.Error with { Message = "What went wrong is told to those who may see what jobs hold." },
        };
    }

    public static JobRecord Of(Job job)
    {
        var self = Address(job.Id);
        return new JobRecord
        {
            Id = job.Id.ToString(),
            Feature = job.Feature,
            Version = job.Version,
            Mode = (Mode)job.Mode,
            State = (Client.JobState)job.State,
            Subject = job.Subject,
            Metadata = job.Metadata is { } metadata ? JsonElement.Parse(metadata) : null,
            Priority = job.Priority,
            Attempt = job.Attempt,
            Progress = job.Progress is { } progress ? new ProgressRecord(progress.Done, progress.Total, progress.Note) : null,
            WaitingFor = job.WaitingFor is { } reason ? new WaitingForRecord(reason.Code, reason.Text, reason.Until) : null,
            Position = job.Position,
            Estimate = job.Estimate,
            Created = job.Created,
            Started = job.Started,
            Finished = job.Finished,
            DeliverBy = job.DeliverBy,
            Error = Error(job.Error),
            Model = job.Model,
            CachedFrom = job.CachedFrom?.ToString(),
            Parent = job.Parent?.ToString(),
            RerunOf = job.RerunOf?.ToString(),
            Usage = Tokens(job.Usage),
            Cost = Cost(job.Usage),
            Correlation = job.Correlation,
            Links = new JobLinksRecord(self, $"{self}/result", $"{self}/events", $"{self}/audit"),
        };
    }

    public static Client.AttemptRecord Of(Headway.Jobs.AttemptRecord attempt) => new()
    {
        Number = attempt.Number,
        Started = attempt.Started,
        Finished = attempt.Finished,
        Outcome = attempt.Outcome,
        Node = attempt.Node,
        Model = attempt.Model,
        Usage = Tokens(attempt.Usage),
        Cost = Cost(attempt.Usage),
        Error = Error(attempt.Failure),
        Calls = attempt.Calls.Count == 0 ? null : [.. attempt.Calls.Select(Of)],
    };

    private static ModelCallRecord Of(ModelCall call) => new()
    {
        Model = call.Model,
        ProviderModel = call.ProviderModel,
        At = call.At,
        Usage = new UsageRecord(call.Usage.InputTokens, call.Usage.OutputTokens),
        Cost = call.Usage.Usd,
        Estimated = call.Usage.Estimated,
        Error = call.ErrorCode,
    };

    public static AuditRecord Of(AuditEntry entry) => new()
    {
        Id = entry.Id,
        At = entry.At,
        Tenant = entry.Tenant,
        Actor = entry.Actor,
        Action = entry.Action,
        Feature = entry.Feature,
        Version = entry.Version,
        Job = entry.Job?.ToString(),
        Subject = entry.SubjectPseudonym,
        Purpose = entry.Purpose,
        Data = entry.Data,
        Node = entry.Node,
        Address = entry.Address,
        Recipient = entry.Recipient,
        Outcome = entry.Outcome,
        Correlation = entry.Correlation,
    };

    /// <summary>Of a kept file, which is no job.</summary>
    public static AuditRecord Of(AuditEntry entry, FileId file) => Of(entry) with
    {
        Job = null,
        File = file.ToString(),
        Correlation = entry.Correlation == file.Place.ToString() ? file.ToString() : entry.Correlation,
    };

    public static DeadLetterGroupRecord Of(DeadGroup group) => new()
    {
        Feature = group.Feature,
        Version = group.Version,
        Reason = group.Reason,
        Class = Headway.Features.Words.Of(group.Kind),
        Fingerprint = group.Fingerprint,
        Count = group.Count,
        First = group.First,
        Last = group.Last,
        Example = group.Example.ToString(),
    };

    public static ReplayRecord Of(ReplayReport report) => new(report.Replayed, report.DryRun)
    {
        Matched = report.Matched,
        NotReplayed = report.Passed.Count == 0 ? null : report.Passed,
        Jobs = report.Named.Count == 0 ? null : [.. report.Named.Select(one => new NotReplayedRecord(one.Job, one.Code))],
        More = report.More,
    };

    public static Client.InputRecord Of(Headway.Jobs.InputRecord input) => new(input.Number, input.Attempt, input.Replaced, input.Actor);

    public static Client.StepRecord Of(Headway.Workflows.StepRecord step) =>
        new(step.Kind, step.Name, step.State, step.Began, step.Number, step.Occurrence, step.Ended, step.Tries == 0 ? null : step.Tries, step.Until, step.Child?.ToString(), step.Attempt)
        {
            Question = step.Question?.Text,
            Link = step.Question?.Link,
        };

    public static StepDetailRecord Of(Headway.Workflows.StepDetail detail) => new(Of(detail.Step))
    {
        Output = detail.Output is { } json ? JsonElement.Parse(json.Span) : null,
        Error = detail.Error is { } error ? new StepErrorRecord(error.Code, error.Message) : null,
        Calls = detail.Calls.Count == 0 ? null : [.. detail.Calls.Select(Of)],
        Cost = detail.Calls.Count == 0 ? null : detail.Calls.Sum(call => call.Usage.Usd),
    };

    public static WorkflowRecord Of(Headway.Workflows.WorkflowVersionState state) => new(state.Feature, state.Version, state.Here, state.IsPinned,
        state.Jobs.OrderBy(count => count.Key).ToDictionary(count => Headway.Features.Words.Of(count.Key), count => count.Value));

    public static string Address(JobId job) => $"/v1/jobs/{job}";

    private static ErrorRecord? Error(Failure? failure) => failure is null ? null : new ErrorRecord(failure.Code, failure.Message, failure.Retryable)
    {
        Class = Headway.Features.Words.Of(failure.Kind),
        Fingerprint = failure.Fingerprint.Length == 0 ? null : failure.Fingerprint,
    };

    private static UsageRecord? Tokens(Usage usage) => usage is { InputTokens: 0, OutputTokens: 0 } ? null : new UsageRecord(usage.InputTokens, usage.OutputTokens);

    private static decimal? Cost(Usage usage) => usage.Usd == 0 ? null : usage.Usd;
}
