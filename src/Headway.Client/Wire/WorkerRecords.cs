using System.Text.Json;

namespace Headway.Client;

/// <summary>A worker asks for jobs: `POST /v1/worker/claim`.</summary>
/// <param name="Features">Features whose jobs it does, `name` or `name@2`. At least one.</param>
/// <param name="Session">The session of an earlier claim. Absent: the worker signs on and is given one.</param>
/// <param name="Worker">What the worker calls itself in histories and audit events, where it signs on. Default `worker`.</param>
/// <param name="Max">Jobs at most, 1 to 100. Default 1.</param>
/// <param name="Wait">Seconds to wait for the first. Default 0; at most two thirds of the lease.</param>
/// <param name="Jobs">All that the worker is at, as in <see cref="WorkerRenewRecord"/>: for one that never renews. Default: it does not say.</param>
public sealed record WorkerClaimRecord(IReadOnlyList<string> Features, string? Session = null, string? Worker = null, int Max = 1, double Wait = 0, IReadOnlyList<WorkerAttemptRecord>? Jobs = null);

/// <summary>What a claim is answered with.</summary>
/// <param name="Session">To be named in everything that the worker sends from now on.</param>
/// <param name="Expires">When the lease of the session runs out unless it is renewed.</param>
/// <param name="RenewEvery">Seconds after which to renew.</param>
/// <param name="Jobs">The jobs that are the worker's now. Empty: there was nothing to do.</param>
public sealed record WorkerClaimedRecord(string Session, DateTimeOffset Expires, double RenewEvery, IReadOnlyList<WorkerJobRecord> Jobs);

/// <summary>A job that a worker was given, with its input.</summary>
public sealed record WorkerJobRecord
{
    /// <summary>Id of the job, the same on every attempt: a good idempotency key for what the worker calls.</summary>
    public required string Job { get; init; }

    /// <summary>1 for the first. Together with the job it names this attempt in everything the worker sends.</summary>
    public required int Attempt { get; init; }

    /// <summary>Name of the feature.</summary>
    public required string Feature { get; init; }

    /// <summary>Its version.</summary>
    public required int Version { get; init; }

    /// <summary>The JSON of the input; of a form its fields.</summary>
    public required JsonElement Input { get; init; }

    /// <summary>Files of the input, to be fetched with `POST /v1/worker/file`. Absent: there are none.</summary>
    public IReadOnlyList<WorkerFileRecord>? Files { get; init; }

    /// <summary>Whose data it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>The thing the result belongs to. Absent: the caller named none.</summary>
    public string? Subject { get; init; }

    /// <summary>When the attempt is cut off.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>W3C Trace Context of the caller. Absent: there was none.</summary>
    public string? TraceParent { get; init; }
}

/// <summary>A file of an input.</summary>
/// <param name="Name">Field of the form; `file` for one that came alone.</param>
/// <param name="MediaType">As the caller declared it.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Sha256">Of the content, in hex.</param>
/// <param name="FileName">As the caller called it.</param>
public sealed record WorkerFileRecord(string Name, string MediaType, long Length, string Sha256, string? FileName = null);

/// <summary>A worker fetches a file: `POST /v1/worker/file`, answered with its content.</summary>
/// <param name="Session">Session of the worker.</param>
/// <param name="Job">Id of the job.</param>
/// <param name="Attempt">The attempt that the worker is at.</param>
/// <param name="Name">Name of the file.</param>
public sealed record WorkerFileRequestRecord(string Session, string Job, int Attempt, string Name);

/// <summary>An attempt, as workers name it.</summary>
/// <param name="Job">Id of the job.</param>
/// <param name="Attempt">1 for the first.</param>
public sealed record WorkerAttemptRecord(string Job, int Attempt);

/// <summary>A worker says that it lives: `POST /v1/worker/renew`.</summary>
/// <param name="Session">Session of the worker.</param>
/// <param name="Jobs">All that it is at. What it holds and does not name is given to others after the length of a lease.</param>
public sealed record WorkerRenewRecord(string Session, IReadOnlyList<WorkerAttemptRecord> Jobs);

/// <summary>What a renewal is answered with.</summary>
/// <param name="Expires">When the lease runs out unless it is renewed again.</param>
/// <param name="Stop">Attempts that are the worker's no more.</param>
public sealed record WorkerRenewedRecord(DateTimeOffset Expires, IReadOnlyList<WorkerStopRecord> Stop);

/// <summary>An attempt that is the worker's no more.</summary>
/// <param name="Job">Id of the job.</param>
/// <param name="Attempt">1 for the first.</param>
/// <param name="Reason">`cancelled`, `timeout` or `lost`.</param>
public sealed record WorkerStopRecord(string Job, int Attempt, string Reason);

/// <summary>Pieces of the answer: `POST /v1/worker/append`. Either texts or values.</summary>
/// <param name="Session">Session of the worker.</param>
/// <param name="Job">Id of the job.</param>
/// <param name="Attempt">The attempt that the worker is at.</param>
/// <param name="Id">Number of the first piece among all that the attempt sends, progress included: 1, then what the answer before said.</param>
/// <param name="Texts">Pieces of prose.</param>
/// <param name="Values">Values of a stream of values.</param>
public sealed record WorkerAppendRecord(string Session, string Job, int Attempt, long Id, IReadOnlyList<string>? Texts = null, IReadOnlyList<JsonElement>? Values = null);

/// <summary>How far an attempt is: `POST /v1/worker/progress`.</summary>
/// <param name="Session">Session of the worker.</param>
/// <param name="Job">Id of the job.</param>
/// <param name="Attempt">The attempt that the worker is at.</param>
/// <param name="Id">Its number among all that the attempt sends, as of <see cref="WorkerAppendRecord"/>.</param>
/// <param name="Done">Units of work that are done.</param>
/// <param name="Total">Units in all, if known.</param>
/// <param name="Note">A short text for people, free of content.</param>
public sealed record WorkerProgressRecord(string Session, string Job, int Attempt, long Id, long Done, long? Total = null, string? Note = null);

/// <summary>What an append or progress is answered with.</summary>
/// <param name="Next">The `id` of what the attempt sends next.</param>
public sealed record WorkerAppendedRecord(long Next);

/// <summary>A call of a model that a worker made.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="InputTokens">Tokens that were sent.</param>
/// <param name="OutputTokens">Tokens that were answered.</param>
/// <param name="Usd">US dollars.</param>
public sealed record WorkerCallRecord(string Model, long InputTokens = 0, long OutputTokens = 0, decimal Usd = 0);

/// <summary>The work is done: `POST /v1/worker/complete`. Neither result nor text: the pieces that were appended, joined, are the result.</summary>
/// <param name="Session">Session of the worker.</param>
/// <param name="Job">Id of the job.</param>
/// <param name="Attempt">The attempt that the worker is at.</param>
/// <param name="Text">The result as prose.</param>
/// <param name="Model">Name of the model that answered, if one did.</param>
/// <param name="Calls">Calls of models that the attempt made.</param>
/// <param name="Disclosed">Whom the worker showed data of the job, each in a few words.</param>
public sealed record WorkerCompleteRecord(
    string Session, string Job, int Attempt, string? Text = null, string? Model = null, IReadOnlyList<WorkerCallRecord>? Calls = null, IReadOnlyList<string>? Disclosed = null)
{
    /// <summary>The result, as any JSON. Absent: see the text.</summary>
    public JsonElement Result { get; init; }
}

/// <summary>The work failed: `POST /v1/worker/fail`.</summary>
/// <param name="Session">Session of the worker.</param>
/// <param name="Job">Id of the job.</param>
/// <param name="Attempt">The attempt that the worker is at.</param>
/// <param name="Code">Stable, kebab-case: `registry-down`.</param>
/// <param name="Message">For people: what happened and the cure.</param>
/// <param name="Retryable">Whether another attempt could succeed. Default true.</param>
/// <param name="RetryAfter">Seconds before which another attempt is pointless.</param>
/// <param name="Calls">Calls of models that the attempt made.</param>
/// <param name="Disclosed">Whom the worker showed data of the job, each in a few words.</param>
public sealed record WorkerFailRecord(
    string Session, string Job, int Attempt, string Code, string Message, bool Retryable = true, double? RetryAfter = null, IReadOnlyList<WorkerCallRecord>? Calls = null, IReadOnlyList<string>? Disclosed = null);

/// <summary>What complete and fail are answered with.</summary>
/// <param name="State">What became of the job: `succeeded`; `dead`; anything else is tried again.</param>
public sealed record WorkerEndedRecord(string State);

/// <summary>A worker hands jobs back, and no attempt is counted: `POST /v1/worker/release`.</summary>
/// <param name="Session">Session of the worker.</param>
/// <param name="Jobs">Which. Absent: all, and the session ends.</param>
public sealed record WorkerReleaseRecord(string Session, IReadOnlyList<WorkerAttemptRecord>? Jobs = null);

/// <summary>What a release is answered with.</summary>
/// <param name="Released">How many jobs were the worker's and are others' now.</param>
public sealed record WorkerReleasedRecord(int Released);
