using System.Text.Json;
using System.Text.Json.Serialization;

namespace Headway.Jobs.Running;

internal sealed record StatusData(string Id, string State, int Attempt, int? Position, string? WaitingFor, string? Text);

/// <summary>Something that a workflow got: names and no content.</summary>
internal sealed record StepData(long Number, string Kind, string Name, int Occurrence, string State);

internal sealed record EndData(string Id, string State, string? Model, UsageData Usage, decimal Cost, ErrorData? Error);

internal sealed record UsageData(long InputTokens, long OutputTokens);

internal sealed record ErrorData(string Code, string Message, bool Retryable);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StatusData))]
[JsonSerializable(typeof(StepData))]
[JsonSerializable(typeof(EndData))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class EventJson : JsonSerializerContext;
