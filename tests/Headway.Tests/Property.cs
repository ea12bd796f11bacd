using FsCheck;
using FsCheck.Fluent;

namespace Headway.Tests;

/// <summary>Holds a property against many cases, and says nothing when it does.</summary>
internal static class Property
{
    public static void Holds(FsCheck.Property property, int cases = 100) =>
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(cases), property);

    /// <summary>For cases that are long stories: each plays one from its own chance, whose seed is named when it fails.</summary>
    public static void Check(Action<Random> story, int cases = 100) => Holds(Prop.ForAll<int>(seed => story(new Random(seed))), cases);
}
