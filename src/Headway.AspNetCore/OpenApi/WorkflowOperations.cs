using Headway.AspNetCore.Errors;
using Headway.Client;
using Microsoft.OpenApi;

namespace Headway.AspNetCore.OpenApi;

/// <summary>The routes that tell of the versions of workflows' code.</summary>
internal static class WorkflowOperations
{
    public static IEnumerable<ApiOperation> All =>
    [
        new(HttpMethod.Get, "/v1/workflows", "listWorkflows", "workflows", "The versions of workflows' code, and what is under way with each.") { Answers = [new ApiAnswer(200, "The versions.", typeof(WorkflowListRecord))] },
        OfWorkflow("pin", "pinWorkflow", "New jobs of the feature begin with this version of its code.", new ApiAnswer(200, "The versions.", typeof(WorkflowListRecord)), [("version", JsonSchemaType.Integer, "null: the highest again.")]),
        OfWorkflow("move", "moveWorkflows", "Jobs under way go on with another version of their code, from their next attempt on.", new ApiAnswer(200, "How many.", typeof(WorkflowMoveRecord)),
            [("from", JsonSchemaType.Integer, "The version they have."), ("to", JsonSchemaType.Integer, "The version they get."), ("job", JsonSchemaType.String, "Only this one, which may be a dead letter. Default: all that are under way.")]),
    ];

    private static ApiOperation OfWorkflow(string what, string id, string summary, ApiAnswer answer, IReadOnlyList<(string, JsonSchemaType?, string)> members) => new(HttpMethod.Post, $"/v1/workflows/{{feature}}/{what}", id, "workflows", summary)
    {
        Parameters = [new("feature", ParameterLocation.Path, "Name of the feature.")],
        Body = [Json.MediaType],
        Members = members,
        Answers = [answer],
        Problems = [ProblemKind.VersionChangeInvalid, ProblemKind.JsonMalformed, ProblemKind.BodyEmpty, .. what is "pin" ? new[] { ProblemKind.TenantForbidden } : []],
        EngineProblems = [(400, "the node has not that version"), (404, "the node has no such workflow")],
    };
}
