using System.Text.Json;

namespace Headway.Workflows.Running;

/// <summary>The answer of a child, as the journal of its parent keeps it: JSON or prose.</summary>
/// <param name="Json">Null of prose, which has none, and of a child that answers null.</param>
internal sealed record ChildAnswer(JsonElement? Json, string? Prose);
