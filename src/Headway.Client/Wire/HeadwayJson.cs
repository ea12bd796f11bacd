using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Headway.Client;

/// <summary>How the wire records read as JSON: camelCase, nulls left out, times in UTC with milliseconds. Use <see cref="Wire"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.Strict,
    Converters = [typeof(WireTime)])]
[JsonSerializable(typeof(JobRecord))]
[JsonSerializable(typeof(JobPageRecord))]
[JsonSerializable(typeof(AttemptListRecord))]
[JsonSerializable(typeof(CostListRecord))]
[JsonSerializable(typeof(BudgetListRecord))]
[JsonSerializable(typeof(AuditListRecord))]
[JsonSerializable(typeof(AuditPageRecord))]
[JsonSerializable(typeof(AuditProofRecord))]
[JsonSerializable(typeof(AuditKeyRecord))]
[JsonSerializable(typeof(DisclosureListRecord))]
[JsonSerializable(typeof(ReplayRecord))]
[JsonSerializable(typeof(DeadLetterGroupsRecord))]
[JsonSerializable(typeof(InputListRecord))]
[JsonSerializable(typeof(StepListRecord))]
[JsonSerializable(typeof(SignalRecord))]
[JsonSerializable(typeof(CallbackRecord))]
[JsonSerializable(typeof(StepDetailRecord))]
[JsonSerializable(typeof(StepEventRecord))]
[JsonSerializable(typeof(WorkflowListRecord))]
[JsonSerializable(typeof(WorkflowMoveRecord))]
[JsonSerializable(typeof(GapListRecord))]
[JsonSerializable(typeof(AlertRecord))]
[JsonSerializable(typeof(AlertListRecord))]
[JsonSerializable(typeof(HoldListRecord))]
[JsonSerializable(typeof(ErasureRecord))]
[JsonSerializable(typeof(DeliveryRecord))]
[JsonSerializable(typeof(DeliveryListRecord))]
[JsonSerializable(typeof(EndpointRecord))]
[JsonSerializable(typeof(EndpointListRecord))]
[JsonSerializable(typeof(RecoveryRecord))]
[JsonSerializable(typeof(FeatureListRecord))]
[JsonSerializable(typeof(ProblemRecord))]
[JsonSerializable(typeof(WorkerClaimRecord))]
[JsonSerializable(typeof(WorkerClaimedRecord))]
[JsonSerializable(typeof(WorkerFileRequestRecord))]
[JsonSerializable(typeof(WorkerRenewRecord))]
[JsonSerializable(typeof(WorkerRenewedRecord))]
[JsonSerializable(typeof(WorkerAppendRecord))]
[JsonSerializable(typeof(WorkerProgressRecord))]
[JsonSerializable(typeof(WorkerAppendedRecord))]
[JsonSerializable(typeof(WorkerCompleteRecord))]
[JsonSerializable(typeof(WorkerFailRecord))]
[JsonSerializable(typeof(WorkerEndedRecord))]
[JsonSerializable(typeof(WorkerReleaseRecord))]
[JsonSerializable(typeof(WorkerReleasedRecord))]
[JsonSerializable(typeof(StatusEventRecord))]
[JsonSerializable(typeof(DeltaEventRecord))]
[JsonSerializable(typeof(RestartEventRecord))]
[JsonSerializable(typeof(EndEventRecord))]
[JsonSerializable(typeof(SubmissionRecord))]
[JsonSerializable(typeof(VerdictRecord))]
[JsonSerializable(typeof(KeyRecord))]
[JsonSerializable(typeof(KeyListRecord))]
[JsonSerializable(typeof(KeyWishRecord))]
[JsonSerializable(typeof(KeyRotationRecord))]
[JsonSerializable(typeof(ConsumerListRecord))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class HeadwayJson : JsonSerializerContext
{
    /// <summary>The one to use. Unlike <see cref="Default"/> it leaves letters beyond ASCII readable; never paste its output into HTML unescaped.</summary>
    public static HeadwayJson Wire => field ??= new HeadwayJson(new JsonSerializerOptions(Default.GeneratedSerializerOptions!)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = null,
    });
}

/// <summary>RFC 3339 in UTC with exactly three decimals, so that times sort as text.</summary>
internal sealed class WireTime : JsonConverter<DateTimeOffset>
{
    public const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
        => writer.WriteStringValue(value.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture));
}
