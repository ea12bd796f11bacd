using FsCheck;

namespace Headway.Tests;

/// <summary>Holds a property against a hundred cases, and says nothing when it does.</summary>
internal static class Property
{
    public static void Holds(FsCheck.Property property) => Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true), property);
}
