using FsCheck;

namespace Headway.Tests;

/// <summary>Holds a property against many cases, and says nothing when it does.</summary>
internal static class Property
{
    public static void Holds(FsCheck.Property property, int cases = 100) =>
        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(cases), property);
}
