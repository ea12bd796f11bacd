using Headway.AspNetCore.Errors;
using Headway.Client;
using Microsoft.OpenApi;

namespace Headway.AspNetCore.OpenApi;

/// <summary>The routes of alerts.</summary>
internal static class AlertOperations
{
    private static readonly ApiParameter Alert = new("id", ParameterLocation.Path, "Id of the alert: `alt_` and 32 hex digits.");

    public static IEnumerable<ApiOperation> All =>
    [
        new(HttpMethod.Get, "/v1/admin/alerts", "listAlerts", "operators", "What operators are told of, newest first. Takes a key of all tenants.")
        {
            Parameters =
            [
                new("state", ParameterLocation.Query, "`open`, `acknowledged`, `over` or `all`. Default: those that are open or acknowledged."), new("kind", ParameterLocation.Query, "One kind of alert. Default: all."),
                new("cursor", ParameterLocation.Query, "`next` of the page before."), new("limit", ParameterLocation.Query, "1 to 200. Default: 50.", JsonSchemaType.Integer),
            ],
            Answers = [new ApiAnswer(200, "A page of alerts.", typeof(AlertListRecord))],
            Problems = [ProblemKind.FilterInvalid, ProblemKind.CursorInvalid, ProblemKind.TenantForbidden],
        },
        new(HttpMethod.Get, "/v1/admin/alerts/{id}", "getAlert", "operators", "One alert.")
        {
            Parameters = [Alert],
            Answers = [new ApiAnswer(200, "The alert.", typeof(AlertRecord))],
            Problems = [ProblemKind.AlertUnknown, ProblemKind.TenantForbidden],
        },
        new(HttpMethod.Post, "/v1/admin/alerts/{id}/acknowledge", "acknowledgeAlert", "operators", "Says that somebody looks after an alert: it is quiet from then on, unless it doubles.")
        {
            Parameters = [Alert],
            Body = [Json.MediaType],
            Members = [("note", JsonSchemaType.String, "For other operators, 1 to 500 characters, without anybody's data. Default: none.")],
            Answers = [new ApiAnswer(200, "The alert.", typeof(AlertRecord))],
            Problems = [ProblemKind.AlertUnknown, ProblemKind.AlertOver, ProblemKind.AcknowledgementInvalid, ProblemKind.JsonMalformed, ProblemKind.BodyEmpty, ProblemKind.TenantForbidden],
        },
    ];
}
