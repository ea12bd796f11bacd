using Headway.Access;
using Headway.AspNetCore.Errors;

namespace Headway.AspNetCore.Access;

/// <summary>What lies outside what a key is for.</summary>
internal static class KeyScope
{
    /// <summary>Null: the caller may call it.</summary>
    public static Problem? Judge(Caller caller, string feature) => caller.MayCall(feature) ? null : Refuse(caller, feature);

    public static Problem Refuse(Caller caller, string feature) => new(ProblemKind.FeatureForbidden,
        $"The key {caller.Actor} is for {string.Join(", ", caller.Features!.Order(StringComparer.Ordinal))}, and not for {Phrases.Quote(feature)}. Use a key that is for it, or make one: headway keys create NAME --feature {Phrases.Quote(feature)}.");

    /// <summary>Of what shows the whole of a tenant.</summary>
    public static Problem RefuseWhole(Caller caller) => new(ProblemKind.FeatureForbidden,
        $"The key {caller.Actor} is for {string.Join(", ", caller.Features!.Order(StringComparer.Ordinal))}, and this tells of all features. Use a key that is for all of them.");
}
