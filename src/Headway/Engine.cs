using Headway.Access;
using Headway.Features;
using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Payloads.Files;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway;

/// <summary>One node of Headway: every room, put together. The host (ASP.NET Core, a test, a bench) starts and stops it.</summary>
internal sealed class Engine : IAsyncDisposable
{
    /// <summary>The feature file as it is now; a reload replaces it whole.</summary>
    public FeatureFile Features => throw new NotSupportedException();

    /// <summary>Takes the files of an input before its job is accepted (<see cref="Call.Job"/>).</summary>
    public InputFiles Files => throw new NotSupportedException();

    public static Task<Engine> StartAsync(EngineOptions options, CancellationToken stop) => throw new NotSupportedException();

    /// <summary>Accepts a call and answers it as its contract says. <paramref name="callerLeft"/> cancels sync and stream work, never async.</summary>
    public Task<Answer> CallAsync(Call call, CancellationToken callerLeft) => throw new NotSupportedException();

    /// <summary>Null: unknown to this tenant.</summary>
    public ValueTask<Job?> FindAsync(Caller caller, JobId id) => throw new NotSupportedException();

    /// <summary>Like <see cref="FindAsync"/>, but waits up to <paramref name="wait"/> for the job to finish.</summary>
    public Task<Job?> WaitAsync(Caller caller, JobId id, TimeSpan wait, CancellationToken stop) => throw new NotSupportedException();

    public ValueTask<JobPage> ListAsync(Caller caller, JobFilter filter) => throw new NotSupportedException();

    /// <summary>The result, as a delivery: `delivered` is audited before the bytes are handed out.</summary>
    public Task<ResultAnswer> ResultAsync(Caller caller, JobId id, CancellationToken stop) => throw new NotSupportedException();

    /// <summary>Events after <paramref name="after"/>, then live ones, ending with `end`. Null: unknown to this tenant.</summary>
    public IAsyncEnumerable<JobEvent>? Events(Caller caller, JobId id, long? after, CancellationToken readerLeft) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<AttemptRecord>> AttemptsAsync(Caller caller, JobId id) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<AuditEntry>> AuditAsync(Caller caller, JobId id) => throw new NotSupportedException();

    /// <summary>Idempotent and final. Null: unknown to this tenant.</summary>
    public Task<Job?> CancelAsync(Caller caller, JobId id, CancellationToken stop) => throw new NotSupportedException();

    /// <summary>Puts a dead letter back to queued; id and history stay.</summary>
    public Task<Answer> ReplayAsync(Caller caller, JobId id, CancellationToken stop) => throw new NotSupportedException();

    /// <summary>Replays the dead letters that match, or only counts them.</summary>
    public Task<int> ReplayDeadAsync(Caller caller, JobFilter filter, bool dryRun, CancellationToken stop) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => throw new NotSupportedException();
}

/// <summary>What a host decides about its node.</summary>
internal sealed record EngineOptions
{
    /// <summary>Path of the feature file.</summary>
    public required string File { get; init; }

    /// <summary>sqlite:FILE. Default: what the feature file says, else sqlite:headway.db beside it.</summary>
    public string? Database { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The host's own code, by feature.</summary>
    public CodeHandlers Code { get; init; } = new();

    public ILoggerFactory Logs { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Source of jitter.</summary>
    public Random? Random { get; init; }
}
