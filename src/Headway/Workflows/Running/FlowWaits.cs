using Headway.Workflows.History;

namespace Headway.Workflows.Running;

/// <summary>Says in a code and in words what a workflow waits for.</summary>
internal static class FlowWaits
{
    // One line of a job's page.
    private const int Named = 3;

    /// <returns>The code, a space, and the words.</returns>
    public static string Say(IReadOnlyList<Operation> waiting)
    {
        var first = waiting.MinBy(operation => Rank(operation.Kind))!;
        var words = waiting.GroupBy(operation => (operation.Kind, operation.Key.Name)).OrderBy(group => Rank(group.Key.Kind)).Take(Named)
            .Select(group => $"{Word(group.Key.Kind)} {group.Key.Name}{(group.Count() > 1 ? $" ({group.Count()} of them)" : "")}").ToList();
        var more = waiting.Select(operation => (operation.Kind, operation.Key.Name)).Distinct().Count() - words.Count;
        return $"{Code(first.Kind)} Waits for {string.Join(", ", words)}{(more > 0 ? $" and {more} more" : "")}.";
    }

    // What somebody has to do comes first.
    private static int Rank(EntryKind kind) => kind switch { EntryKind.Approval => 0, EntryKind.Signal => 1, EntryKind.Call => 2, EntryKind.Step or EntryKind.Undo => 3, _ => 4 };

    private static string Code(EntryKind kind) => kind switch { EntryKind.Approval => "approval", EntryKind.Signal => "signal", EntryKind.Call => "child", EntryKind.Step or EntryKind.Undo => "step-backoff", _ => "timer" };

    private static string Word(EntryKind kind) => kind switch { EntryKind.Approval => "the approval", EntryKind.Signal => "the signal", EntryKind.Call => "the child", EntryKind.Step or EntryKind.Undo => "another try of", _ => "the timer" };
}
