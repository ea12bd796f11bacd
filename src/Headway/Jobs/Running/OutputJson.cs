using System.Text.Json;
using System.Text.Json.Serialization;

namespace Headway.Jobs.Running;

internal sealed record TextDelta(string Text);

internal sealed record Restart(int Attempt);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TextDelta))]
[JsonSerializable(typeof(Restart))]
[JsonSerializable(typeof(Progress))]
[JsonSerializable(typeof(About))]
internal sealed partial class OutputJson : JsonSerializerContext;

/// <summary>What a call said about itself, as it is sealed.</summary>
/// <param name="Metadata">JSON object text.</param>
internal sealed record About(string? Subject, string? Metadata);
