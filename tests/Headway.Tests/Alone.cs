namespace Headway.Tests;

/// <summary>For tests that hold measured times against each other: nothing else takes the processors meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
