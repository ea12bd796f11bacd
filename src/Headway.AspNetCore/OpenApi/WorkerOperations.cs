using Headway.AspNetCore.Errors;
using Headway.Client;

namespace Headway.AspNetCore.OpenApi;

/// <summary>The routes of pull workers.</summary>
internal static class WorkerOperations
{
    private static readonly IReadOnlyList<ProblemKind> OfBody = [ProblemKind.BodyEmpty, ProblemKind.BodyBroken, ProblemKind.JsonMalformed, ProblemKind.InputTooLarge, ProblemKind.WorkerRequestInvalid, ProblemKind.WorkerSessionUnknown];

    private static readonly IReadOnlyList<ProblemKind> OfAttempt = [.. OfBody, ProblemKind.AttemptLost];

    public static IEnumerable<ApiOperation> All =>
    [
        Of("claim", "claimJobs", "Gives a worker jobs; waits for some if it is asked to.", typeof(WorkerClaimRecord), new ApiAnswer(200, "The jobs that are the worker's now.", typeof(WorkerClaimedRecord)),
            [.. OfBody, ProblemKind.WorkerSessionLost, ProblemKind.FeatureUnknown, ProblemKind.FeatureNotForWorkers]),
        Of("renew", "renewWorker", "Renews the lease of a worker, and names the jobs it need not go on with.", typeof(WorkerRenewRecord), new ApiAnswer(200, "It lives.", typeof(WorkerRenewedRecord)), [.. OfBody, ProblemKind.WorkerSessionLost]),
        Of("file", "fetchWorkerFile", "A file of the input of a job that the worker is at.", typeof(WorkerFileRequestRecord), new ApiAnswer(200, "The content, of the type it was sent with.") { MediaTypes = ["*/*"] }, [.. OfAttempt, ProblemKind.FileUnknown]),
        Of("append", "appendOutput", "Pieces of the answer, which readers of the job's events see at once.", typeof(WorkerAppendRecord), Appended, [.. OfAttempt, ProblemKind.OutputGap, ProblemKind.WorkerOutputTooLong]),
        Of("progress", "reportProgress", "How far the attempt is.", typeof(WorkerProgressRecord), Appended, [.. OfAttempt, ProblemKind.OutputGap, ProblemKind.WorkerOutputTooLong]),
        Of("complete", "completeJob", "The work is done.", typeof(WorkerCompleteRecord), Ended, [.. OfAttempt, ProblemKind.ResultInvalid]),
        Of("fail", "failJob", "The work failed; the retry policy says what follows.", typeof(WorkerFailRecord), Ended, OfAttempt),
        Of("release", "releaseJobs", "Hands jobs back, or ends the session: no attempt is counted.", typeof(WorkerReleaseRecord), new ApiAnswer(200, "How many.", typeof(WorkerReleasedRecord)), OfBody),
    ];

    private static ApiAnswer Appended => new(200, "Written, now or before.", typeof(WorkerAppendedRecord));

    private static ApiAnswer Ended => new(200, "Written, now or before.", typeof(WorkerEndedRecord));

    private static ApiOperation Of(string what, string id, string summary, Type body, ApiAnswer answer, IReadOnlyList<ProblemKind> problems) => new(HttpMethod.Post, $"/v1/worker/{what}", id, "workers", summary)
    {
        Record = body,
        Answers = [answer],
        Problems = problems,
        EngineProblems = [(503, "the database cannot take or give this now: send it again")],
    };
}
