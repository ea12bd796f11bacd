namespace Headway;

/// <summary>Which version of a workflow's code this is. A job stays with the version that began it; new ones begin with the highest, or with the one that is pinned.</summary>
/// <param name="number">1 or more. Default, without the attribute: 1.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class VersionAttribute(int number) : Attribute
{
    /// <summary>1 or more.</summary>
    public int Number { get; } = number >= 1 ? number : throw new ArgumentOutOfRangeException(nameof(number), number, "Versions are numbered from 1.");
}
