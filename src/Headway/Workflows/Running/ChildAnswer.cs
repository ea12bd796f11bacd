using System.Text.Json;

namespace Headway.Workflows.Running;

/// <summary>The answer of a child, as the journal of its parent keeps it: JSON or prose.</summary>
/// <param name="Json">Null: it is prose, or the JSON is null.</param>
internal sealed record ChildAnswer(JsonElement? Json, string? Prose);
