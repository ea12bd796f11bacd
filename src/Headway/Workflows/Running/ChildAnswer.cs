using System.Text.Json;

namespace Headway.Workflows.Running;

/// <summary>The answer of a child, as the journal of its parent keeps it: JSON or prose.</summary>
internal sealed record ChildAnswer(JsonElement? Json, string? Prose);
