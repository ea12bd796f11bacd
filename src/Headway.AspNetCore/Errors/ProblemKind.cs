using System.Collections.Frozen;

namespace Headway.AspNetCore.Errors;

/// <summary>A kind of refusal or failure that has a name callers may rely on.</summary>
/// <param name="Code">Stable, kebab-case.</param>
/// <param name="Status">The HTTP status it is told with.</param>
/// <param name="Title">What went wrong, the same words every time; the detail of a problem says where, and the cure.</param>
internal sealed record ProblemKind(string Code, int Status, string Title)
{
    public static readonly ProblemKind JsonMalformed = new("json-malformed", 400, "The body is not JSON");
    public static readonly ProblemKind BodyEmpty = new("body-empty", 400, "The body is empty");
    public static readonly ProblemKind BodyBroken = new("body-broken", 400, "The body ended before it was complete or is framed wrongly");
    public static readonly ProblemKind MultipartMalformed = new("multipart-malformed", 400, "The multipart body is broken");
    public static readonly ProblemKind InputInvalid = new("input-invalid", 400, "The input does not satisfy the feature's schema");
    public static readonly ProblemKind InputTooLarge = new("input-too-large", 413, "The input is larger than the feature takes");
    public static readonly ProblemKind MediaTypeMismatch = new("media-type-mismatch", 400, "The file is not what it is declared to be");
    public static readonly ProblemKind MediaTypeUnsupported = new("media-type-unsupported", 415, "The feature does not take this media type");

    public static readonly ProblemKind PreferInvalid = new("prefer-invalid", 400, "The Prefer header is broken");
    public static readonly ProblemKind IdempotencyKeyInvalid = new("idempotency-key-invalid", 400, "The Idempotency-Key header is broken");
    public static readonly ProblemKind SubjectInvalid = new("subject-invalid", 400, "The Headway-Subject header is broken");
    public static readonly ProblemKind PriorityInvalid = new("priority-invalid", 400, "The Headway-Priority header is broken");
    public static readonly ProblemKind DeadlineInvalid = new("deadline-invalid", 400, "The Headway-Deadline header is broken");
    public static readonly ProblemKind StartAtInvalid = new("start-at-invalid", 400, "The Headway-Start-At header is broken");
    public static readonly ProblemKind StartAtForbidden = new("start-at-forbidden", 400, "Only an async feature can start later");
    public static readonly ProblemKind UniqueInvalid = new("unique-invalid", 400, "The Headway-Unique header is broken");
    public static readonly ProblemKind UniqueForbidden = new("unique-forbidden", 400, "A key cannot be held here");
    public static readonly ProblemKind DebounceInvalid = new("debounce-invalid", 400, "The Headway-Debounce header is broken");
    public static readonly ProblemKind DebounceForbidden = new("debounce-forbidden", 400, "The call cannot be debounced");
    public static readonly ProblemKind BulkForbidden = new("bulk-forbidden", 400, "Only an async or hybrid feature takes many jobs at once");
    public static readonly ProblemKind LineInvalid = new("line-invalid", 400, "The line is not what a line must be");
    public static readonly ProblemKind LinesTooMany = new("lines-too-many", 413, "The request has more lines than one may");
    public static readonly ProblemKind EndpointUnknown = new("endpoint-unknown", 400, "No such endpoint");
    public static readonly ProblemKind EndpointForbidden = new("endpoint-forbidden", 400, "Endpoints are not told of this feature's answers");
    public static readonly ProblemKind MetadataInvalid = new("metadata-invalid", 400, "The Headway-Metadata header is broken");
    public static readonly ProblemKind HeaderRepeated = new("header-repeated", 400, "A header that may be given once was given several times");

    public static readonly ProblemKind FeatureUnknown = new("feature-unknown", 404, "No such feature");
    public static readonly ProblemKind VersionUnknown = new("version-unknown", 404, "No such version of the feature");
    public static readonly ProblemKind RouteUnknown = new("route-unknown", 404, "No such route");
    public static readonly ProblemKind MethodNotAllowed = new("method-not-allowed", 405, "The route does not take this method");
    public static readonly ProblemKind ModeForbidden = new("mode-forbidden", 400, "The feature's contract is not one a call can have");

    public static readonly ProblemKind ResultNotText = new("result-not-text", 400, "The result is not text");
    public static readonly ProblemKind CallCancelled = new("call-cancelled", 409, "The call was ended before it had an answer");

    public static readonly ProblemKind ResponseUnknown = new("response-unknown", 404, "No such response");
    public static readonly ProblemKind PreviousResponseUnknown = new("previous-response-unknown", 400, "No such response to go on from");
    public static readonly ProblemKind ResponseNotBackground = new("response-not-background", 400, "The response is none of the background");
    public static readonly ProblemKind FileUnknown = new("file-unknown", 404, "No such file");
    public static readonly ProblemKind FileTooLarge = new("file-too-large", 413, "The file is larger than what is kept");
    public static readonly ProblemKind FileRoomFull = new("file-room-full", 413, "There is no room for the file");
    public static readonly ProblemKind UploadTooSlow = new("upload-too-slow", 408, "The upload took too long");
    public static readonly ProblemKind RangeUnsatisfiable = new("range-unsatisfiable", 416, "Nothing of the file lies there");
    public static readonly ProblemKind SummaryMissing = new("summary-missing", 502, "The model gave no whole summary");
    public static readonly ProblemKind ConnectionTooOld = new("connection-too-old", 408, "The connection has lasted as long as one may");

    public static readonly ProblemKind JobUnknown = new("job-unknown", 404, "No such job");
    public static readonly ProblemKind LastEventIdInvalid = new("last-event-id-invalid", 400, "Last-Event-ID is not an event id");
    public static readonly ProblemKind CursorInvalid = new("cursor-invalid", 400, "The cursor is not one of this list");
    public static readonly ProblemKind FilterInvalid = new("filter-invalid", 400, "A filter is broken");
    public static readonly ProblemKind ReplayInvalid = new("replay-invalid", 400, "The body of the replay is broken");
    public static readonly ProblemKind InputUnknown = new("input-unknown", 404, "No such input");
    public static readonly ProblemKind JournalUnknown = new("journal-unknown", 404, "No such journal");

    public static readonly ProblemKind SignalInvalid = new("signal-invalid", 400, "The signal is broken");
    public static readonly ProblemKind SignalTooLarge = new("signal-too-large", 413, "The signal is larger than one may be");
    public static readonly ProblemKind SignalMismatch = new("signal-mismatch", 422, "The idempotency key came with another signal");
    public static readonly ProblemKind SignalsFull = new("signals-full", 429, "Too many signals wait to be asked for");
    public static readonly ProblemKind JobOver = new("job-over", 409, "The job is not under way");

    public static readonly ProblemKind NotAWorkflow = new("not-a-workflow", 409, "The job is no workflow");
    public static readonly ProblemKind JobRunning = new("job-running", 409, "The job runs");
    public static readonly ProblemKind JobCancelling = new("job-cancelling", 409, "The job was cancelled and undoes what it did");
    public static readonly ProblemKind RerunInvalid = new("rerun-invalid", 400, "The body of the rerun is broken");
    public static readonly ProblemKind StepUnknown = new("step-unknown", 404, "No such step");
    public static readonly ProblemKind CallbackUnknown = new("callback-unknown", 404, "No such callback, or not any more");
    public static readonly ProblemKind CallbackUsed = new("callback-used", 409, "The callback was answered before");
    public static readonly ProblemKind VersionChangeInvalid = new("version-change-invalid", 400, "The body of the change is broken");

    public static readonly ProblemKind SocketExpected = new("socket-expected", 426, "The route is a WebSocket");
    public static readonly ProblemKind SocketsFull = new("sockets-full", 429, "The caller has too many connections open");
    public static readonly ProblemKind SocketsFullHere = new("sockets-full-here", 503, "The node holds as many connections as it may");
    public static readonly ProblemKind EndpointUnregistered = new("endpoint-unregistered", 404, "The feature file has no such endpoint");
    public static readonly ProblemKind DeliveryUnknown = new("delivery-unknown", 404, "No such delivery");
    public static readonly ProblemKind DeliveryUnderWay = new("delivery-under-way", 409, "The delivery is being sent");
    public static readonly ProblemKind DeliveryIsTest = new("delivery-is-test", 409, "A test is sent once");
    public static readonly ProblemKind RecoveryInvalid = new("recovery-invalid", 400, "The body of the recovery is broken");

    public static readonly ProblemKind WorkerRequestInvalid = new("worker-request-invalid", 400, "What the worker sent is broken");
    public static readonly ProblemKind FeatureNotForWorkers = new("feature-not-for-workers", 400, "The work of the feature is not done by workers");
    public static readonly ProblemKind WorkerSessionUnknown = new("worker-session-unknown", 404, "No such session of a worker");
    public static readonly ProblemKind WorkerSessionLost = new("worker-session-lost", 409, "The lease of the worker ran out");
    public static readonly ProblemKind AttemptLost = new("attempt-lost", 409, "The attempt is not this worker's any more");
    public static readonly ProblemKind OutputGap = new("output-gap", 409, "Something before this piece is missing");
    public static readonly ProblemKind WorkerOutputTooLong = new("worker-output-too-long", 413, "The output of the attempt is too long");
    public static readonly ProblemKind ResultInvalid = new("result-invalid", 422, "The result is not what the feature file promises");

    public static readonly ProblemKind AlertUnknown = new("alert-unknown", 404, "No such alert");
    public static readonly ProblemKind AlertOver = new("alert-over", 409, "The alert is over");
    public static readonly ProblemKind AcknowledgementInvalid = new("acknowledgement-invalid", 400, "The body of the acknowledgement is broken");

    public static readonly ProblemKind SubjectRequestInvalid = new("subject-request-invalid", 400, "What was asked about the subject is broken");
    public static readonly ProblemKind HoldUnknown = new("hold-unknown", 404, "No such hold");
    public static readonly ProblemKind HeldAlready = new("held-already", 409, "The subject is held already");
    public static readonly ProblemKind LegalHold = new("legal-hold", 409, "Nothing of the subject may go");
    public static readonly ProblemKind SubjectBusy = new("subject-busy", 409, "The subject is still used");
    public static readonly ProblemKind SubjectErased = new("subject-erased", 410, "The subject was erased");
    public static readonly ProblemKind KeyMissing = new("key-missing", 401, "No key was given");
    public static readonly ProblemKind KeyInvalid = new("key-invalid", 401, "The key is none of this server");
    public static readonly ProblemKind KeyRevoked = new("key-revoked", 401, "The key was revoked");
    public static readonly ProblemKind KeyExpired = new("key-expired", 401, "The key has expired");
    public static readonly ProblemKind TokenInvalid = new("token-invalid", 401, "The token is not taken");
    public static readonly ProblemKind AttemptsTooMany = new("attempts-too-many", 429, "Too many wrong keys came from there");
    public static readonly ProblemKind IssuerUnavailable = new("issuer-unavailable", 503, "Tokens cannot be checked now");
    public static readonly ProblemKind RoleMissing = new("role-missing", 403, "The key has not the role");
    public static readonly ProblemKind TenantForbidden = new("tenant-forbidden", 403, "The key is of one tenant alone");
    public static readonly ProblemKind FeatureForbidden = new("feature-forbidden", 403, "The key is not for this feature");
    public static readonly ProblemKind ApprovalForbidden = new("approval-forbidden", 403, "Only an approver may decide this");
    public static readonly ProblemKind KeyUnknown = new("key-unknown", 404, "No such key");
    public static readonly ProblemKind KeyRequestInvalid = new("key-request-invalid", 400, "What is asked of the key cannot be had");
    public static readonly ProblemKind KeyOver = new("key-over", 409, "The key was revoked or has expired");
    public static readonly ProblemKind KeyFirst = new("key-first", 409, "The first key must be able to make others");
    public static readonly ProblemKind KeyLast = new("key-last", 409, "The key is the last that can make others");
    public static readonly ProblemKind KeysFull = new("keys-full", 409, "There are as many keys as there may be");

    public static readonly ProblemKind AuditEmpty = new("audit-empty", 404, "There are no audit events to export");
    public static readonly ProblemKind CheckpointsInvalid = new("checkpoints-invalid", 400, "The checkpoints cannot be read");

    public static readonly ProblemKind OriginRefused = new("origin-refused", 403, "Calls from other web sites are refused");
    public static readonly ProblemKind HostRefused = new("host-refused", 421, "The node does not answer to this name");
    public static readonly ProblemKind ShuttingDown = new("shutting-down", 503, "The node is shutting down");
    public static readonly ProblemKind Internal = new("internal-error", 500, "Something failed inside Headway");

    /// <summary>Every kind the edge itself tells. What the engine refuses or fails with has codes of its own.</summary>
    public static readonly FrozenDictionary<string, ProblemKind> All = new[]
    {
        JsonMalformed, BodyEmpty, BodyBroken, MultipartMalformed, InputInvalid, InputTooLarge, MediaTypeMismatch, MediaTypeUnsupported, PreferInvalid, IdempotencyKeyInvalid,
        SubjectInvalid, PriorityInvalid, DeadlineInvalid, StartAtInvalid, StartAtForbidden, UniqueInvalid, UniqueForbidden, DebounceInvalid, DebounceForbidden, BulkForbidden, LineInvalid, LinesTooMany, EndpointUnknown, EndpointForbidden, MetadataInvalid, HeaderRepeated,
        FeatureUnknown, VersionUnknown, RouteUnknown, MethodNotAllowed, ModeForbidden, ResultNotText, CallCancelled, ResponseUnknown, PreviousResponseUnknown,
        ResponseNotBackground, SummaryMissing, ConnectionTooOld, FileUnknown, FileTooLarge, FileRoomFull, UploadTooSlow, RangeUnsatisfiable, JobUnknown, LastEventIdInvalid, CursorInvalid, FilterInvalid, ReplayInvalid, InputUnknown, JournalUnknown,
        SignalInvalid, SignalTooLarge, SignalMismatch, SignalsFull, JobOver, NotAWorkflow, JobRunning, JobCancelling, RerunInvalid, StepUnknown, CallbackUnknown, CallbackUsed, VersionChangeInvalid,
        SocketExpected, SocketsFull, SocketsFullHere, EndpointUnregistered, DeliveryUnknown, DeliveryUnderWay, DeliveryIsTest, RecoveryInvalid, AlertUnknown, AlertOver, AcknowledgementInvalid,
        WorkerRequestInvalid, FeatureNotForWorkers, WorkerSessionUnknown, WorkerSessionLost, AttemptLost, OutputGap, WorkerOutputTooLong, ResultInvalid,
        SubjectRequestInvalid, HoldUnknown, HeldAlready, LegalHold, SubjectBusy, SubjectErased,
        KeyMissing, KeyInvalid, KeyRevoked, KeyExpired, TokenInvalid, AttemptsTooMany, IssuerUnavailable, RoleMissing, TenantForbidden, FeatureForbidden, ApprovalForbidden,
        KeyUnknown, KeyRequestInvalid, KeyOver, KeyFirst, KeyLast, KeysFull,
        AuditEmpty, CheckpointsInvalid,
        OriginRefused, HostRefused, ShuttingDown, Internal,
    }.ToFrozenDictionary(kind => kind.Code);
}
