namespace Headway;

/// <summary>The node cannot start, and says what to do about it: one line for each thing that is wrong.</summary>
internal sealed class StartupException(IReadOnlyList<string> problems) : Exception(string.Join(Environment.NewLine, problems))
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
