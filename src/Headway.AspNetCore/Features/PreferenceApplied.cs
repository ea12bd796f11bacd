using System.Globalization;
using Headway.AspNetCore.Features.Headers;
using Headway.Features;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Features;

/// <summary>Says which of a caller's preferences were followed (RFC 7240, section 3); the contract has the last word.</summary>
internal static class PreferenceApplied
{
    /// <param name="deferred">The answer was put off (202): only then was `respond-async` followed. A call that was answered before, or whose answer is kept, has it at once.</param>
    public static void Tell(IHeaderDictionary headers, Contract contract, Preferences asked, bool deferred)
    {
        if (Of(contract, asked with { RespondAsync = asked.RespondAsync && deferred }) is { } applied) headers["Preference-Applied"] = applied;
    }

    private static string? Of(Contract contract, Preferences asked)
    {
        if (contract.Mode == Mode.Async) return asked.RespondAsync ? "respond-async" : null;
        if (contract.Mode != Mode.Hybrid) return null;
        if (asked.Wait is not { } wait) return asked.RespondAsync ? "respond-async" : null;
        var most = contract.Wait ?? TimeSpan.Zero;
        var seconds = (wait < most ? wait : most).TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        return asked.RespondAsync ? $"respond-async, wait={seconds}" : $"wait={seconds}";
    }
}
