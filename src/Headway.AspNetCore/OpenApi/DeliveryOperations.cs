using Headway.AspNetCore.Errors;
using Headway.Client;
using Microsoft.OpenApi;

namespace Headway.AspNetCore.OpenApi;

/// <summary>The routes that tell of endpoints and what they were told.</summary>
internal static class DeliveryOperations
{
    public static IEnumerable<ApiOperation> All =>
    [
        new(HttpMethod.Get, "/v1/jobs/{id}/deliveries", "listDeliveries", "deliveries", "What endpoints were told of a job's end, and each try.")
        {
            Parameters = [new("id", ParameterLocation.Path, "Id of the job: `job_` and 32 hex digits.")],
            Answers = [new ApiAnswer(200, "The deliveries.", typeof(DeliveryListRecord))],
            Problems = [ProblemKind.JobUnknown],
        },
        new(HttpMethod.Post, "/v1/deliveries/{id}/replay", "replayDelivery", "deliveries", "Sends a delivery again, whatever became of it, under the same `webhook-id`.")
        {
            Parameters = [new("id", ParameterLocation.Path, "Id of the delivery: `dlv_` and 32 hex digits.")],
            Answers = [new ApiAnswer(202, "The delivery.", typeof(DeliveryRecord))],
            Problems = [ProblemKind.DeliveryUnknown, ProblemKind.DeliveryUnderWay, ProblemKind.DeliveryIsTest],
        },
        new(HttpMethod.Get, "/v1/endpoints", "listEndpoints", "deliveries", "The receivers of webhooks: how each is, and what waits for it.") { Answers = [new ApiAnswer(200, "The endpoints.", typeof(EndpointListRecord))] },
        new(HttpMethod.Get, "/v1/ws", "followJobs", "jobs", "A WebSocket: states of the jobs of features and subjects, and events of jobs.")
        {
            Answers = [new ApiAnswer(101, "The connection; each message of the caller has the type subscribe, unsubscribe or ping.")],
            Problems = [ProblemKind.SocketExpected, ProblemKind.SocketsFull, ProblemKind.SocketsFullHere],
        },
        OfEndpoint("test", "testEndpoint", "Sends an event of the type `test`, once, and tells what became of it.", new ApiAnswer(200, "The delivery.", typeof(DeliveryRecord))),
        OfEndpoint("enable", "enableEndpoint", "Lets an endpoint have what waits for it, whatever it answered before.", new ApiAnswer(200, "The endpoint.", typeof(EndpointRecord))),
        OfEndpoint("recover", "recoverEndpoint", "Sends again what was given up since a time.", new ApiAnswer(200, "How many.", typeof(RecoveryRecord))) with
        {
            Body = [Json.MediaType],
            Members = [("since", JsonSchemaType.String, "Of jobs that ended at or after this time (RFC 3339).")],
            Problems = [ProblemKind.EndpointUnregistered, ProblemKind.RecoveryInvalid, ProblemKind.JsonMalformed, ProblemKind.BodyEmpty],
        },
    ];

    private static ApiOperation OfEndpoint(string what, string id, string summary, ApiAnswer answer) => new(HttpMethod.Post, $"/v1/endpoints/{{name}}/{what}", id, "deliveries", summary)
    {
        Parameters = [new("name", ParameterLocation.Path, "Name of the endpoint.")],
        Answers = [answer],
        Problems = [ProblemKind.EndpointUnregistered],
    };
}
