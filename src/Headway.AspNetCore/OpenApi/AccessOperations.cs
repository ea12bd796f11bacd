using Headway.AspNetCore.Errors;
using Headway.Client;
using Microsoft.OpenApi;

namespace Headway.AspNetCore.OpenApi;

/// <summary>The routes about keys, and about who calls.</summary>
internal static class AccessOperations
{
    private static readonly ApiParameter Key = new("id", ParameterLocation.Path, "Id of the key: `hw_` and 12 characters.");

    public static IEnumerable<ApiOperation> All =>
    [
        new(HttpMethod.Get, "/v1/admin/keys", "listKeys", "access", "API keys, the newest first, without their texts.")
        {
            Parameters = [new("all", ParameterLocation.Query, "true: also those that were revoked or have expired.", JsonSchemaType.Boolean)],
            Answers = [new ApiAnswer(200, "The keys of the tenant; of all tenants, for a key of all.", typeof(KeyListRecord))],
            Problems = [ProblemKind.FilterInvalid],
        },
        new(HttpMethod.Post, "/v1/admin/keys", "createKey", "access", "Makes a key; its text (`key`) is told this once. The first one closes the server to everybody without.")
        {
            Record = typeof(KeyWishRecord),
            Answers = [new ApiAnswer(201, "The key.", typeof(KeyRecord))],
            Problems = [ProblemKind.KeyRequestInvalid, ProblemKind.TenantForbidden, ProblemKind.KeyFirst, ProblemKind.KeysFull, ProblemKind.BodyEmpty, ProblemKind.InputTooLarge],
        },
        new(HttpMethod.Post, "/v1/admin/keys/{id}/rotate", "rotateKey", "access", "Gives a key a new text, told this once; the one before is good for a while longer.")
        {
            Parameters = [Key],
            Body = [Json.MediaType],
            Members = [("overlapSeconds", JsonSchemaType.Number, "So long both are good: 0 to 30 days. Default: a day.")],
            Answers = [new ApiAnswer(200, "The key.", typeof(KeyRecord))],
            Problems = [ProblemKind.KeyUnknown, ProblemKind.KeyOver, ProblemKind.KeyRequestInvalid],
        },
        new(HttpMethod.Post, "/v1/admin/keys/{id}/revoke", "revokeKey", "access", "Ends a key for good, on all nodes within seconds.")
        {
            Parameters = [Key],
            Answers = [new ApiAnswer(200, "The key.", typeof(KeyRecord))],
            Problems = [ProblemKind.KeyUnknown, ProblemKind.KeyOver, ProblemKind.KeyLast],
        },
        new(HttpMethod.Get, "/v1/admin/consumers", "listConsumers", "access", "Who calls which version of a feature: whom to tell before it goes.")
        {
            Parameters = [new("feature", ParameterLocation.Query, "Name of the feature. Default: all.")],
            Answers = [new ApiAnswer(200, "The consumers of the tenant's features; of all tenants, for a key of all.", typeof(ConsumerListRecord))],
            Problems = [ProblemKind.FilterInvalid],
        },
    ];
}
