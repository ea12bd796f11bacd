using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;
using Headway.AspNetCore.Features.Headers;
using Headway.AspNetCore.OpenAi.Files;
using Headway.Client;
using Microsoft.OpenApi;

namespace Headway.AspNetCore.OpenApi;

/// <summary>Every route of the API, told for the OpenAPI document. A test compares it with what is mapped.</summary>
internal static class Operations
{
    /// <summary>Problems that any route can answer with.</summary>
    public static readonly IReadOnlyList<ProblemKind> Always = [ProblemKind.OriginRefused, ProblemKind.HostRefused, ProblemKind.MethodNotAllowed, ProblemKind.Internal];

    /// <summary>And those of who calls, on all routes but the open ones.</summary>
    public static readonly IReadOnlyList<ProblemKind> OfCallers =
    [
        ProblemKind.KeyMissing, ProblemKind.KeyInvalid, ProblemKind.KeyRevoked, ProblemKind.KeyExpired, ProblemKind.TokenInvalid, ProblemKind.AttemptsTooMany, ProblemKind.IssuerUnavailable, ProblemKind.RoleMissing, ProblemKind.FeatureForbidden,
    ];

    /// <summary>Routes that ask nobody who calls.</summary>
    public static bool IsOpen(ApiOperation operation) => operation.Path is "/health/live" or "/health/ready" or "/v1/callbacks/{token}";

    private static readonly ApiParameter Job = new("id", ParameterLocation.Path, "Id of the job: `job_` and 32 hex digits.");

    private static readonly IReadOnlyList<ApiParameter> Filters =
    [
        Query("feature", "Name of the feature."), Query("state", "One state, such as `queued`."), Query("subject", "The thing the result belongs to."),
        Query("model", "Model that answered."), Query("error", "Error code."), Query("fingerprint", "Fingerprint of the error."), Query("version", "Version of the feature.", JsonSchemaType.Integer), Query("q", "`key=value` of searchable metadata."),
        Query("since", "Accepted at or after this time (RFC 3339)."), Query("cursor", "`next` of the page before."),
        Query("limit", "Jobs per page, 1 to 200. Default 50.", JsonSchemaType.Integer),
    ];

    private static readonly IReadOnlyList<ProblemKind> FilterProblems = [ProblemKind.FilterInvalid, ProblemKind.CursorInvalid];

    public static IEnumerable<ApiOperation> All => [Call, Submit, ListFeatures, .. OpenAi, .. Responses, .. Files, .. Jobs, .. DeadLetters, .. DeliveryOperations.All, .. AlertOperations.All, .. Costs, .. AuditOperations.All, .. WorkerOperations.All, .. AccessOperations.All, .. Service];

    private static ApiOperation ListFeatures => new(HttpMethod.Get, "/v1/features", "listFeatures", "features", "Which features there are, and under which contracts.")
    {
        Answers = [new ApiAnswer(200, "The features.", typeof(FeatureListRecord))],
    };

    private static ApiOperation Call => new(HttpMethod.Post, "/v1/features/{name}", "callFeature", "features", "Calls a feature; its contract says how the answer comes.")
    {
        Parameters =
        [
            new("name", ParameterLocation.Path, "Name of the feature for its latest version, or `name@version`."),
            Header("Prefer", $"hybrid: how long to wait. {Preferences.Rule} `Preference-Applied` tells what was followed."),
            Header("Idempotency-Key", $"A repeat with the same key gets the same job. {IdempotencyKey.Rule}"),
            Header("Headway-Subject", "The thing the result belongs to, such as `encounter/8812`."),
            Header("Headway-Priority", "0 to 9, higher first. Default 5.", JsonSchemaType.Integer),
            Header("Headway-Deadline", $"When the result is worth nothing any more. {Moment.Rule}"),
            Header("Headway-Start-At", $"async only: when to start. {Moment.Rule}"),
            Header("Headway-Unique", $"async, hybrid: while a job with this key is under way, a further call is given it. {HeldKeys.UniqueRule}"),
            Header("Headway-Debounce", $"async only: a later call takes the place of the job that waits under the key. {HeldKeys.DebounceRule}"),
            Header("Headway-Endpoint", "async, hybrid: name of a registered endpoint that is told of the job's end, beside those of the feature."),
            Header("Headway-Metadata", $"Of the caller's own. {Metadata.Rule}"),
            Header("Cache-Control", "Of a feature with a cache: `no-store`, `no-cache`, `max-age=SECONDS` or `only-if-cached` (RFC 9111)."),
            Header("traceparent", "W3C Trace Context."),
        ],
        Body = ["application/json", "multipart/form-data", "image/*", "audio/*", "application/pdf"],
        Answers = [Result, Accepted with { Headers = [.. Accepted.Headers, CacheStatus] }],
        Problems =
        [
            ProblemKind.JsonMalformed, ProblemKind.BodyEmpty, ProblemKind.BodyBroken, ProblemKind.MultipartMalformed, ProblemKind.InputInvalid, ProblemKind.InputTooLarge,
            ProblemKind.MediaTypeUnsupported, ProblemKind.MediaTypeMismatch, ProblemKind.PreferInvalid, ProblemKind.IdempotencyKeyInvalid, ProblemKind.SubjectInvalid,
            ProblemKind.PriorityInvalid, ProblemKind.DeadlineInvalid, ProblemKind.StartAtInvalid, ProblemKind.StartAtForbidden, ProblemKind.UniqueInvalid, ProblemKind.UniqueForbidden, ProblemKind.DebounceInvalid, ProblemKind.DebounceForbidden, ProblemKind.EndpointUnknown,
            ProblemKind.EndpointForbidden, ProblemKind.MetadataInvalid, ProblemKind.HeaderRepeated, ProblemKind.FeatureUnknown, ProblemKind.VersionUnknown, ProblemKind.ModeForbidden, ProblemKind.CallCancelled,
        ],
        EngineProblems =
        [
            (409, "a call with this idempotency key is under way"), (422, "the idempotency key was used with another input, or the work takes longer than its deadline"), (429, "a limit is reached"),
            (502, "every model or the service failed, or the answer is not valid"), (503, "pool or queue full, the deadline would pass in the queue, a limit of the model used up, or the database cannot write"), (504, "the hard timeout passed, or `only-if-cached` was asked and no answer is kept"),
        ],
    };

    private static ApiOperation Submit => new(HttpMethod.Post, "/v1/features/{name}/jobs", "submitJobs", "features", "Accepts many jobs of an async or hybrid feature: a line each, and a verdict for each in the same order.")
    {
        Parameters =
        [
            .. Call.Parameters.Where(parameter => parameter.Name is "name" or "Headway-Subject" or "Headway-Priority" or "Headway-Deadline" or "Headway-Start-At" or "Headway-Endpoint" or "Headway-Metadata" or "traceparent"),
            Header("Idempotency-Key", $"Line n has the key `KEY/n`, unless it brings its own. {IdempotencyKey.Rule}"),
        ],
        Body = [BulkEndpoint.MediaType],
        Answers =
        [
            new ApiAnswer(200, "A line for each line: `line`, `status` (`accepted`, `repeated`, `replaced`, `refused`), and `job` or `problem`; last of all one with the status `end` and the counts, without which the answer was cut.")
            {
                MediaTypes = [BulkEndpoint.MediaType],
            },
        ],
        Problems =
        [
            ProblemKind.BulkForbidden, ProblemKind.UniqueForbidden, ProblemKind.LineInvalid, ProblemKind.LinesTooMany, ProblemKind.MediaTypeUnsupported, ProblemKind.IdempotencyKeyInvalid, ProblemKind.SubjectInvalid, ProblemKind.PriorityInvalid,
            ProblemKind.DeadlineInvalid, ProblemKind.StartAtInvalid, ProblemKind.StartAtForbidden, ProblemKind.EndpointUnknown, ProblemKind.MetadataInvalid, ProblemKind.HeaderRepeated, ProblemKind.FeatureUnknown, ProblemKind.VersionUnknown, ProblemKind.ModeForbidden,
        ],
    };

    // Their bodies are OpenAI's, and pass through: what else they may hold is told by the model that is named.
    private static IEnumerable<ApiOperation> OpenAi =>
    [
        new(HttpMethod.Post, "/v1/chat/completions", "createChatCompletion", "openai", "A chat completion of a model or a feature, whole or in chunks (`stream`).") { Body = [Json.MediaType], Request = "ChatCompletionRequest", Answers = [Completion with { Schema = "ChatCompletion", Event = "ChatCompletionChunk" }], Problems = OfCompletions, EngineProblems = OfEngine },
        new(HttpMethod.Post, "/v1/embeddings", "createEmbedding", "openai", "Embeddings of a model of that kind.") { Body = [Json.MediaType], Request = "EmbeddingRequest", Answers = [Completion with { Schema = "EmbeddingList" }], Problems = OfModels, EngineProblems = OfEngine },
        new(HttpMethod.Get, "/v1/models", "listModels", "openai", "What `model` can name: exposed models and features.") { Answers = [new ApiAnswer(200, "The models.") { Schema = "ModelList" }] },
        new(HttpMethod.Get, "/v1/models/{id}", "retrieveModel", "openai", "One of them.")
        {
            Parameters = [new("id", ParameterLocation.Path, "Name of a model or a feature.")],
            Answers = [new ApiAnswer(200, "The model.") { Schema = "Model" }],
            Problems = [ProblemKind.FeatureUnknown, ProblemKind.VersionUnknown],
        },
    ];

    private static IEnumerable<ApiOperation> Responses =>
    [
        new(HttpMethod.Post, "/v1/responses", "createResponse", "openai", "A response of a model or a feature: whole, in events (`stream`), or later (`background`).")
        {
            Body = [Json.MediaType],
            Request = "ResponseRequest",
            Answers = [Result with { MediaTypes = [], Schema = "Response", Event = "ResponseEvent", Description = "The response; one that is not there yet is `queued` or `in_progress`." }],
            Problems = OfResponses,
            EngineProblems = OfEngine,
        },
        new(HttpMethod.Get, "/v1/responses", "connectResponses", "openai", "A WebSocket: responses one after the other, each in events.")
        {
            Answers = [new ApiAnswer(101, "The connection; each message of the caller is a request with the type response.create.")],
            Problems = [ProblemKind.InputInvalid, ProblemKind.MethodNotAllowed],
        },
        new(HttpMethod.Post, "/v1/responses/compact", "compactResponse", "openai", "A summary of what was said, by a model, to go on from in place of it.")
        {
            Body = [Json.MediaType],
            Request = "CompactionRequest",
            Answers = [Result with { MediaTypes = [], Schema = "Compaction", Description = "One item of the type compaction." }],
            Problems = [.. OfResponses, ProblemKind.SummaryMissing],
            EngineProblems = OfEngine,
        },
        new(HttpMethod.Post, "/v1/responses/input_tokens", "countInputTokens", "openai", "How many tokens the input of such a request is thought to be.") { Body = [Json.MediaType], Request = "TokenCountRequest", Answers = [Shown("TokenCount")], Problems = OfResponses },
        new(HttpMethod.Get, "/v1/responses/{id}", "getResponse", "openai", "A stored response as it is now, or its events again.")
        {
            Parameters = [Response, Query("stream", "true: its events, from the first on.", JsonSchemaType.Boolean), Query("starting_after", "Of a stream: the number of the last event that is known.", JsonSchemaType.Integer)],
            Answers = [new ApiAnswer(200, "The response.") { Schema = "Response", Event = "ResponseEvent" }],
            Problems = [ProblemKind.ResponseUnknown, ProblemKind.InputInvalid, ProblemKind.ResultNotText],
        },
        new(HttpMethod.Delete, "/v1/responses/{id}", "deleteResponse", "openai", "Removes what was asked and answered; one that is under way is cancelled.") { Parameters = [Response], Answers = [Shown("ResponseDeleted")], Problems = [ProblemKind.ResponseUnknown] },
        new(HttpMethod.Post, "/v1/responses/{id}/cancel", "cancelResponse", "openai", "Cancels a response of the background: idempotent and final.") { Parameters = [Response], Answers = [Shown("Response")], Problems = [ProblemKind.ResponseUnknown, ProblemKind.ResponseNotBackground] },
        new(HttpMethod.Get, "/v1/responses/{id}/input_items", "listInputItems", "openai", "The items that a response was asked with.")
        {
            Parameters = [Response, Query("limit", "Items per page, 1 to 100. Default 20.", JsonSchemaType.Integer), Query("order", "`asc` or `desc`, which is the default."), Query("after", "Id of the item before the page."), Query("before", "Id of the item behind it.")],
            Answers = [Shown("InputItemList")],
            Problems = [ProblemKind.ResponseUnknown, ProblemKind.InputInvalid],
        },
    ];

    private static ApiParameter Response => new("id", ParameterLocation.Path, "Id of the response: `resp_` and 32 hex digits.");

    private static ApiAnswer Shown(string schema) => new(200, "In the form of the OpenAI API.") { Schema = schema };

    private static IEnumerable<ApiOperation> Files =>
    [
        new(HttpMethod.Get, "/v1/files", "listFiles", "files", "Kept files, the newest first.")
        {
            Parameters =
            [
                Query("limit", $"Files per page, 1 to {FileQuery.MostPerPage}, which is the default.", JsonSchemaType.Integer), Query("order", "`desc` (the default) or `asc`."),
                Query("after", "`last_id` of the page before."), Query("purpose", $"One of {FileWords.Purposes}."),
            ],
            Answers = [new ApiAnswer(200, "One page.") { Schema = "KeptFileList" }],
            Problems = FilterProblems,
        },
        new(HttpMethod.Post, "/v1/files", "createFile", "files", $"Keeps a file: a form with `file`, `purpose` (one of {FileWords.Purposes}) and, if it is to expire, `expires_after[anchor]=created_at` and `expires_after[seconds]`.")
        {
            Parameters = [Header("Headway-Subject", "The thing the file belongs to: it is sealed under that one's key."), Header("Idempotency-Key", $"A repeat with the same key and the same file gets the same file. {IdempotencyKey.Rule}")],
            Body = ["multipart/form-data"],
            Request = "FileUpload",
            Answers = [FileAnswer],
            Problems =
            [
                ProblemKind.BodyEmpty, ProblemKind.BodyBroken, ProblemKind.MultipartMalformed, ProblemKind.InputInvalid, ProblemKind.SubjectInvalid, ProblemKind.HeaderRepeated,
                ProblemKind.UploadTooSlow, ProblemKind.FileTooLarge, ProblemKind.FileRoomFull, ProblemKind.MediaTypeUnsupported, ProblemKind.IdempotencyKeyInvalid,
            ],
            EngineProblems = [(400, "`idempotency-mismatch`: the idempotency key was used with another file")],
        },
        new(HttpMethod.Get, "/v1/files/{id}", "retrieveFile", "files", "One file, without its content.") { Parameters = [FileParameter], Answers = [FileAnswer], Problems = [ProblemKind.FileUnknown] },
        new(HttpMethod.Delete, "/v1/files/{id}", "deleteFile", "files", "Deletes a file for good.") { Parameters = [FileParameter], Answers = [new ApiAnswer(200, "It is deleted.") { Schema = "FileDeleted" }], Problems = [ProblemKind.FileUnknown] },
        new(HttpMethod.Get, "/v1/files/{id}/content", "downloadFile", "files", "The content; reading it is a delivery.")
        {
            Parameters = [FileParameter, Header("Range", "One part of it: `bytes=0-499`, `bytes=500-` or `bytes=-500`."), Header("If-Range", "The ETag of an earlier answer.")],
            Answers =
            [
                new ApiAnswer(200, "The content, of the type it was sent with.") { MediaTypes = ["*/*"], Headers = [("ETag", "Of the content, which never changes."), ("Accept-Ranges", "`bytes`.")] },
                new ApiAnswer(206, "The part that was asked for.") { MediaTypes = ["*/*"], Headers = [("Content-Range", "Which it is, and of how many bytes.")] },
            ],
            Problems = [ProblemKind.FileUnknown, ProblemKind.RangeUnsatisfiable],
        },
        new(HttpMethod.Get, "/v1/files/{id}/audit", "listFileAudit", "files", "Who touched the file, oldest first; also of one that is deleted.") { Parameters = [FileParameter], Answers = [new ApiAnswer(200, "The audit events.", typeof(AuditListRecord))], Problems = [ProblemKind.FileUnknown] },
    ];

    private static ApiParameter FileParameter => new("id", ParameterLocation.Path, "Id of the file: `file-` and 32 hex digits.");

    private static ApiAnswer FileAnswer => new(200, "The file, without its content.") { Schema = "KeptFile" };

    private static readonly IReadOnlyList<ProblemKind> OfModels =
    [
        ProblemKind.JsonMalformed, ProblemKind.BodyEmpty, ProblemKind.BodyBroken, ProblemKind.InputInvalid, ProblemKind.InputTooLarge, ProblemKind.MediaTypeUnsupported, ProblemKind.FeatureUnknown,
        ProblemKind.VersionUnknown, ProblemKind.ModeForbidden, ProblemKind.ResultNotText, ProblemKind.CallCancelled,
    ];

    private static readonly IReadOnlyList<(int Status, string Codes)> OfEngine =
    [
        (400, "the model does not take the input (`context_length_exceeded`, `content_filter`), or the idempotency key was used with another one"), (409, "a call with this idempotency key is under way"), (429, "a limit or a budget is reached"),
        (502, "the model failed"), (503, "pool or queue full, a limit of the model used up, or the database cannot write"), (504, "the hard timeout passed"),
    ];

    private static readonly IReadOnlyList<ProblemKind> OfCompletions = [.. OfModels, ProblemKind.FileUnknown];

    private static readonly IReadOnlyList<ProblemKind> OfResponses = [.. OfCompletions, ProblemKind.PreviousResponseUnknown];

    private static ApiAnswer Completion => Result with { MediaTypes = [], Description = "The answer in the form of the OpenAI API." };

    private static ApiAnswer Result => new(200, "The result (sync, hybrid in time), or its events as they come (stream).")
    {
        MediaTypes = ["application/json", "text/plain", "text/event-stream"],
        Headers =
        [
            ("Headway-Job", "Id of the job."), ("Headway-Mode", "Mode of the contract."), ("Headway-Model", "Model that answered."), ("Headway-Cost", "US dollars."),
            ("Headway-Queue-Ms", "Milliseconds spent waiting for a slot of the pool."), ("Headway-Overhead-Ms", "Milliseconds that Headway itself took."),
            ("Age", "Seconds since the answer was made, where it was made for another call (RFC 9111)."), CacheStatus,
            .. RateLimit,
            ("Preference-Applied", "Which preferences were followed."), ("Deprecation", "Since when the version is deprecated (RFC 9745)."), ("Sunset", "When the version ends (RFC 8594)."),
        ],
    };

    private static IEnumerable<(string Name, string Description)> RateLimit =>
    [
        ("RateLimit", "Where the calls of the tenant, or of the key, are limited: how many are left, and in how many seconds there are more."), ("RateLimit-Policy", "How many calls a minute they may make."),
    ];

    private static (string Name, string Description) CacheStatus => ("Cache-Status", "Of a feature with a cache, what it did: `headway` with `hit`, `fwd`, `stored`, `collapsed`, `ttl` (RFC 9211).");

    private static ApiAnswer Accepted => new(202, "Accepted and durable (async, hybrid after the wait).", typeof(JobRecord))
    {
        Headers = [("Location", "Address of the job."), ("Retry-After", "Seconds after which asking is worth while."), ("Preference-Applied", "Which preferences were followed."), .. RateLimit],
    };

    private static IEnumerable<ApiOperation> Jobs =>
    [
        new(HttpMethod.Get, "/v1/jobs", "listJobs", "jobs", "Jobs, newest first.") { Parameters = Filters, Answers = [Page], Problems = FilterProblems },
        new(HttpMethod.Get, "/v1/jobs/{id}", "showJob", "jobs", "One job; `Prefer: wait=30` waits for its end.")
        {
            Parameters = [Job, Header("Prefer", "`wait=SECONDS`, at most 60."), Header("If-None-Match", "The ETag of an earlier answer.")],
            Answers = [new ApiAnswer(200, "The job.", typeof(JobRecord)) { Headers = [("ETag", "Changes with the job."), ("Retry-After", "While it is unfinished.")] }, new ApiAnswer(304, "Unchanged.")],
            Problems = [ProblemKind.JobUnknown, ProblemKind.PreferInvalid],
        },
        new(HttpMethod.Get, "/v1/jobs/{id}/result", "readResult", "jobs", "The result; reading it is a delivery.")
        {
            Parameters = [Job],
            Answers = [Result],
            Problems = [ProblemKind.JobUnknown],
            EngineProblems = [(409, "the job has not finished, or ended without a result; `state` tells which"), (410, "the result is no longer kept")],
        },
        new(HttpMethod.Get, "/v1/jobs/{id}/events", "readEvents", "jobs", "Events as SSE: status, step, progress, delta, restart, result, end.")
        {
            Parameters = [Job, Header("Last-Event-ID", "Resumes after this event, without gap or repeat."), Query("lastEventId", "The same, for clients that cannot set headers.", JsonSchemaType.Integer)],
            Answers = [new ApiAnswer(200, "The events, then live ones until `end`.") { MediaTypes = ["text/event-stream"] }],
            Problems = [ProblemKind.JobUnknown, ProblemKind.LastEventIdInvalid],
        },
        OfJob(HttpMethod.Get, "attempts", "listAttempts", "Every try at the job, oldest first.", new ApiAnswer(200, "The attempts.", typeof(AttemptListRecord))),
        OfJob(HttpMethod.Get, "audit", "listAudit", "Who touched the job's data, oldest first.", new ApiAnswer(200, "The audit events.", typeof(AuditListRecord))),
        .. Steering,
        OfJob(HttpMethod.Post, "replay", "replayJob", "Puts a dead letter back into the queue; id and history stay.", Accepted) with
        {
            Body = [Json.MediaType],
            Members = [OtherModel, ("input", null, "In the place of the job's input, under the feature's schema; the former one is kept. Default: the input stays.")],
            Problems = [ProblemKind.JobUnknown, .. ReplayProblems, ProblemKind.InputInvalid],
            EngineProblems = [(400, ModelProblems + ", or the input is no JSON and cannot be replaced"), (409, "the job is not a dead letter"), (410, "its input is no longer kept")],
        },
        OfJob(HttpMethod.Get, "inputs", "listInputs", "The inputs that the job had: what was accepted, and what replays put in its place.", new ApiAnswer(200, "The inputs, without their content.", typeof(InputListRecord))),
        OfJob(HttpMethod.Get, "inputs/{number}", "viewInput", "One of them; that it was viewed is audited.", new ApiAnswer(200, "The input, as the job's handler gets it.") { MediaTypes = [Json.MediaType] }) with
        {
            Parameters = [Job, new("number", ParameterLocation.Path, "As the list tells it; 1 is what was accepted.", JsonSchemaType.Integer)],
            Problems = [ProblemKind.JobUnknown, ProblemKind.InputUnknown],
        },
        OfJob(HttpMethod.Get, "steps", "listSteps", "What a workflow got, in the order in which it learned of it, and then what it waits for.", new ApiAnswer(200, "The steps.", typeof(StepListRecord))) with
        {
            Parameters = [Job, Query("cursor", "`next` of the page before."), Query("limit", "Steps per page, 1 to 1000. Default 200.", JsonSchemaType.Integer)],
            Problems = [ProblemKind.JobUnknown, .. FilterProblems],
        },
        OfJob(HttpMethod.Get, "steps/{number}", "showStep", "One step with what it gave and what it cost; that it was viewed is audited.", new ApiAnswer(200, "The step.", typeof(StepDetailRecord))) with
        {
            Parameters = [Job, new("number", ParameterLocation.Path, "As the list tells it.", JsonSchemaType.Integer)],
            Problems = [ProblemKind.JobUnknown, ProblemKind.StepUnknown],
        },
        new(HttpMethod.Post, "/v1/callbacks/{token}", "answerCallback", "jobs", "The answer of a system outside that a workflow gave this address to: the first one counts.")
        {
            Parameters = [new("token", ParameterLocation.Path, "As the workflow gave it away.")],
            Body = [Json.MediaType],
            Answers = [new ApiAnswer(202, "What became of the answer.", typeof(CallbackRecord))],
            Problems = [ProblemKind.CallbackUnknown, ProblemKind.CallbackUsed, ProblemKind.JsonMalformed, ProblemKind.SignalTooLarge, ProblemKind.SignalsFull],
        },
        OfJob(HttpMethod.Get, "journal", "readJournal", "The whole journal of a workflow with its content, as tests of new code read it; that it was viewed is audited.", new ApiAnswer(200, "The journal.") { MediaTypes = [Json.MediaType] }) with
        {
            Problems = [ProblemKind.JobUnknown, ProblemKind.JournalUnknown],
        },
        OfJob(HttpMethod.Post, "signals/{name}", "sendSignal", "Sends a signal to a workflow under way; it is kept until the workflow asks for it.", new ApiAnswer(202, "What became of the signal.", typeof(SignalRecord))) with
        {
            Parameters = [Job, new("name", ParameterLocation.Path, "As the workflow calls it, with the branches it lies in before it; encoded as one part of the path."), Header("Idempotency-Key", $"Sent again with the same key it is the same signal. {IdempotencyKey.Rule}")],
            Body = [Json.MediaType],
            Problems = [ProblemKind.JobUnknown, ProblemKind.JsonMalformed, ProblemKind.SignalInvalid, ProblemKind.SignalTooLarge, ProblemKind.SignalMismatch, ProblemKind.SignalsFull, ProblemKind.JobOver, ProblemKind.NotAWorkflow, ProblemKind.ApprovalForbidden, ProblemKind.IdempotencyKeyInvalid, ProblemKind.HeaderRepeated],
        },
        .. WorkflowOperations.All,
        .. SubjectOperations.All,
    ];

    private static ApiAnswer JobAsItIs => new(200, "The job as it is now.", typeof(JobRecord));

    private static IEnumerable<ApiOperation> Steering =>
    [
        OfJob(HttpMethod.Post, "cancel", "cancelJob", "Cancels the job: idempotent and final. A workflow that has something to undo does that first.", JobAsItIs),
        OfJob(HttpMethod.Post, "terminate", "terminateJob", "Cancels the job at once; a workflow undoes nothing.", JobAsItIs),
        OfJob(HttpMethod.Post, "pause", "pauseJob", "Takes the job aside until it is resumed; a workflow that runs, as soon as what it runs has ended.", JobAsItIs) with { Problems = [ProblemKind.JobUnknown, ProblemKind.JobRunning, ProblemKind.JobCancelling, ProblemKind.JobOver] },
        OfJob(HttpMethod.Post, "resume", "resumeJob", "Lets a paused job go on where it was.", JobAsItIs) with { Problems = [ProblemKind.JobUnknown, ProblemKind.JobOver] },
        OfJob(HttpMethod.Post, "rerun", "rerunJob", "Runs a workflow again from a step on, as a new job that has got what this one got before that step.", Accepted) with
        {
            Parameters = [Job, Header("Idempotency-Key", $"A repeat with the same key gets the same job. {IdempotencyKey.Rule}")],
            Body = [Json.MediaType],
            Members = [("from", JsonSchemaType.String, "The first step that is done anew, as the list of steps tells it. Default: the first."), ("occurrence", JsonSchemaType.Integer, "Which of the steps of that name. Default: 1."), ("input", null, "In the place of the job's input, under the feature's schema. Default: the job's own.")],
            Problems = [ProblemKind.JobUnknown, ProblemKind.RerunInvalid, ProblemKind.JsonMalformed, ProblemKind.BodyEmpty, ProblemKind.InputTooLarge, ProblemKind.InputInvalid, ProblemKind.IdempotencyKeyInvalid, ProblemKind.HeaderRepeated],
            EngineProblems = [(400, "the workflow has got no such step"), (409, "the job is no workflow, or its feature is gone"), (410, "its input is no longer kept"), (422, "the key came with another input before"), (429, "a budget has no room")],
        },
    ];

    private static readonly (string Name, JsonSchemaType? Type, string Description) OtherModel = ("model", JsonSchemaType.String, "A model of the feature file that is asked instead, of this replay alone. Default: those that the feature names.");

    private const string ModelProblems = "the model is not known, may not see the data, is of another kind, or the work is no prompt";

    private static readonly IReadOnlyList<ProblemKind> ReplayProblems = [ProblemKind.ReplayInvalid, ProblemKind.JsonMalformed, ProblemKind.BodyEmpty, ProblemKind.InputTooLarge];

    private static IEnumerable<ApiOperation> DeadLetters =>
    [
        new(HttpMethod.Get, "/v1/dead-letters", "listDeadLetters", "dead letters", "Jobs that are not tried again by themselves.") { Parameters = Filters, Answers = [Page], Problems = FilterProblems },
        new(HttpMethod.Get, "/v1/dead-letters/groups", "groupDeadLetters", "dead letters", "Dead letters by what they died of where, the largest group first.")
        {
            Parameters = [.. Filters.Where(filter => filter.Name is not ("state" or "cursor"))],
            Answers = [new ApiAnswer(200, "The groups.", typeof(DeadLetterGroupsRecord))],
            Problems = [ProblemKind.FilterInvalid],
        },
        new(HttpMethod.Post, "/v1/dead-letters/replay", "replayDeadLetters", "dead letters", "Replays every dead letter that matches.")
        {
            Parameters = [.. Filters.Where(filter => filter.Name is not ("state" or "cursor" or "limit")), Query("dryRun", "true: only tells what would become of them.", JsonSchemaType.Boolean), Query("atMost", "No more than this, 1 to 10000, which is the default.", JsonSchemaType.Integer), Header("Idempotency-Key", $"A repeat with the same key gets the same report, or goes on where a lost node stopped. {IdempotencyKey.Rule}")],
            Body = [Json.MediaType],
            Members = [OtherModel],
            Answers = [new ApiAnswer(200, "How many, and which not and why.", typeof(ReplayRecord))],
            Problems = [ProblemKind.FilterInvalid, ProblemKind.IdempotencyKeyInvalid, ProblemKind.HeaderRepeated, .. ReplayProblems],
            EngineProblems = [(400, "the model is not known"), (409, "a replay with this idempotency key is under way"), (422, "the idempotency key was used for another replay")],
        },
    ];

    private static IEnumerable<ApiOperation> Costs =>
    [
        new(HttpMethod.Get, "/v1/costs", "listCosts", "costs", "What models cost, the dearest first.")
        {
            Parameters = [Query("by", "`feature` (the default), `key` or `model`."), Query("since", "Of jobs accepted at or after this time (RFC 3339). Default: the first of the month.")],
            Answers = [new ApiAnswer(200, "The costs.", typeof(CostListRecord))],
            Problems = [ProblemKind.FilterInvalid],
        },
        new(HttpMethod.Get, "/v1/budgets", "listBudgets", "costs", "How the budgets stand.") { Answers = [new ApiAnswer(200, "The budgets.", typeof(BudgetListRecord))] },
    ];

    private static IEnumerable<ApiOperation> Service =>
    [
        new(HttpMethod.Get, "/v1/problems", "listProblems", "service", "The codes of problems.") { Answers = [new ApiAnswer(200, "The codes.") { MediaTypes = [Json.MediaType] }] },
        new(HttpMethod.Get, "/v1/problems/{code}", "showProblem", "service", "What a code means.")
        {
            Parameters = [new("code", ParameterLocation.Path, "The code of a problem.")],
            Answers = [new ApiAnswer(200, "The code.") { MediaTypes = [Json.MediaType] }],
            Problems = [ProblemKind.RouteUnknown],
        },
        new(HttpMethod.Get, "/health/live", "isLive", "service", "Does the process live.") { Answers = [new ApiAnswer(200, "It does.") { MediaTypes = [Json.MediaType] }] },
        new(HttpMethod.Get, "/health/ready", "isReady", "service", "Should calls be sent to this node.")
        {
            Answers = [new ApiAnswer(200, "They should.") { MediaTypes = [Json.MediaType] }],
            Problems = [ProblemKind.ShuttingDown],
        },
    ];

    private static ApiAnswer Page => new(200, "One page.", typeof(JobPageRecord));

    private static ApiOperation OfJob(HttpMethod method, string what, string id, string summary, ApiAnswer answer) => new(method, $"/v1/jobs/{{id}}/{what}", id, "jobs", summary)
    {
        Parameters = [Job],
        Answers = [answer],
        Problems = [ProblemKind.JobUnknown],
    };

    private static ApiParameter Query(string name, string description, JsonSchemaType type = JsonSchemaType.String) => new(name, ParameterLocation.Query, description, type);

    private static ApiParameter Header(string name, string description, JsonSchemaType type = JsonSchemaType.String) => new(name, ParameterLocation.Header, description, type);
}
