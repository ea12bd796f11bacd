using Headway.AspNetCore.Errors;
using Headway.Client;
using Microsoft.OpenApi;

namespace Headway.AspNetCore.OpenApi;

/// <summary>The routes of legal holds, erasures and gaps.</summary>
internal static class SubjectOperations
{
    private static readonly (string, JsonSchemaType?, string) Subject = ("subject", JsonSchemaType.String, "As calls name it in Headway-Subject.");

    public static IEnumerable<ApiOperation> All =>
    [
        Gaps,
        new(HttpMethod.Get, "/v1/admin/holds", "listHolds", "subjects", "Subjects under a legal hold: nothing of them goes.") { Answers = [new ApiAnswer(200, "The oldest first.", typeof(HoldListRecord))] },
        Post("/v1/admin/holds", "holdSubject", "Puts a subject under a legal hold: neither retention nor a caller nor an erasure takes anything of it away.", new ApiAnswer(200, "All holds.", typeof(HoldListRecord)),
            [Subject, ("reason", JsonSchemaType.String, "Why. Kept sealed.")], ProblemKind.HeldAlready),
        Post("/v1/admin/holds/release", "releaseSubject", "Releases a subject: retention takes what is overdue within a day.", new ApiAnswer(200, "The holds that are left.", typeof(HoldListRecord)), [Subject], ProblemKind.HoldUnknown),
        Post("/v1/admin/subjects/erase", "eraseSubject", "Takes away everything that is kept about a subject and destroys its keys. Audit events stay.", new ApiAnswer(200, "What was taken away.", typeof(ErasureRecord)), [Subject], ProblemKind.LegalHold, ProblemKind.SubjectBusy),
    ];

    /// <summary>What operators look at.</summary>
    public static readonly ApiOperation Gaps = new(HttpMethod.Get, "/v1/admin/gaps", "listGaps", "operators", "What was promised and is not so, newest first.")
    {
        Parameters =
        [
            new("kind", ParameterLocation.Query, "One kind of gap. Default: all."), new("all", ParameterLocation.Query, "Also those that are over. Default: false.", JsonSchemaType.Boolean),
            new("cursor", ParameterLocation.Query, "`next` of the page before."), new("limit", ParameterLocation.Query, "1 to 200. Default: 50.", JsonSchemaType.Integer),
        ],
        Answers = [new ApiAnswer(200, "A page of gaps.", typeof(GapListRecord))],
        Problems = [ProblemKind.FilterInvalid, ProblemKind.CursorInvalid],
    };

    private static ApiOperation Post(string path, string id, string summary, ApiAnswer answer, IReadOnlyList<(string, JsonSchemaType?, string)> members, params ProblemKind[] problems) => new(HttpMethod.Post, path, id, "subjects", summary)
    {
        Body = [Json.MediaType],
        Members = members,
        Answers = [answer],
        Problems = [ProblemKind.SubjectRequestInvalid, ProblemKind.JsonMalformed, ProblemKind.BodyEmpty, .. problems],
    };
}
