using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;
using Headway.Client;
using Microsoft.OpenApi;

namespace Headway.AspNetCore.OpenApi;

/// <summary>The routes of auditors.</summary>
internal static class AuditOperations
{
    private static readonly ApiParameter Since = Query("since", "At or after this time (RFC 3339).");
    private static readonly ApiParameter Until = Query("until", "Before this time (RFC 3339).");

    public static IEnumerable<ApiOperation> All =>
    [
        new(HttpMethod.Get, "/v1/admin/audit", "searchAudit", "audit", "Audit events of the tenant, newest first; that they were looked at is itself one.")
        {
            Parameters =
            [
                Query("subject", "The thing that results belong to."), Query("actor", "The key or person."), Query("action", "What was done, such as `delivered`."), Query("feature", "Name of the feature."),
                Query("job", "Id of the job."), Since, Until, Query("cursor", "`next` of the page before."), Query("limit", "Events per page, 1 to 200. Default 50.", JsonSchemaType.Integer),
            ],
            Answers = [new ApiAnswer(200, "One page.", typeof(AuditPageRecord))],
            Problems = [ProblemKind.FilterInvalid, ProblemKind.CursorInvalid],
        },
        new(HttpMethod.Get, "/v1/admin/audit/disclosures", "listDisclosures", "audit", "Who has seen what of a subject, the latest first.")
        {
            Parameters = [Query("subject", "The thing that results belong to."), Since, Until],
            Answers = [new ApiAnswer(200, "By whom it was shown to.", typeof(DisclosureListRecord))],
            Problems = [ProblemKind.FilterInvalid],
        },
        new(HttpMethod.Post, "/v1/admin/audit/verify", "verifyAudit", "audit", "Proves the whole audit chain, and holds it against checkpoints that were kept outside: lines of JSON, none where there is no body.")
        {
            Body = [BulkEndpoint.MediaType],
            Answers = [new ApiAnswer(200, "Whether it holds, and what is wrong where.", typeof(AuditProofRecord))],
            Problems = [ProblemKind.CheckpointsInvalid, ProblemKind.InputTooLarge],
        },
        new(HttpMethod.Get, "/v1/admin/audit/export", "exportAudit", "audit", "The tenant's audit events as lines of JSON that prove themselves: each with its place in the chain, and a signed checkpoint at the end.")
        {
            Parameters = [Since, Until],
            Answers = [new ApiAnswer(200, "A line that says what it is, one for each link, and the checkpoint.") { MediaTypes = [BulkEndpoint.MediaType] }],
            Problems = [ProblemKind.FilterInvalid, ProblemKind.AuditEmpty],
        },
        new(HttpMethod.Get, "/v1/admin/audit/key", "showAuditKey", "audit", "The public half of the key that checkpoints are signed with.") { Answers = [new ApiAnswer(200, "The key.", typeof(AuditKeyRecord))] },
    ];

    private static ApiParameter Query(string name, string description, JsonSchemaType type = JsonSchemaType.String) => new(name, ParameterLocation.Query, description, type);
}
