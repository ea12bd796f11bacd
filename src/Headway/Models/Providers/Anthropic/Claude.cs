using System.Globalization;
using System.Text.RegularExpressions;

namespace Headway.Models.Providers.Anthropic;

/// <summary>What a model takes, by the generation in its name.</summary>
/// <remarks>The API refuses with 400 what a generation does not know, and its answer does not say what to send instead; `GET /v1/models` does not
/// tell either. A name without a generation (an alias, a gateway's own) is taken to know everything of today's API, and is sent what was asked.</remarks>
internal sealed partial record Claude(int? Generation)
{
    /// <summary>The first that thinks at all: Claude 3.7.</summary>
    private const int FirstThinking = 307;

    /// <summary>The last that thinks by a budget of tokens, and the first whose answers can be given a shape: Claude 4.5.</summary>
    private const int LastBudget = 405;

    /// <summary>The last that takes temperature, top_p and top_k; the first that thinks as far as it finds useful: Claude 4.6.</summary>
    private const int LastSampling = 406;

    public bool ThinksByBudget => Generation is >= FirstThinking and <= LastBudget;

    /// <summary>`thinking: adaptive` and `output_config.effort`.</summary>
    public bool ThinksByEffort => Generation is null or > LastBudget;

    /// <summary>The highest efforts came with the generation after.</summary>
    public bool TakesHighestEfforts => Generation is null or > LastSampling;

    /// <summary>Later ones answer "`temperature` is deprecated for this model".</summary>
    public bool TakesSampling => Generation is null or <= LastSampling;

    /// <summary>`output_config.format`.</summary>
    public bool TakesShapes => Generation is null or >= LastBudget;

    /// <summary>`claude-sonnet-4-5-20250929`, `claude-opus-5`, `claude-3-7-sonnet-latest`, also within longer names.</summary>
    public static Claude Of(string name)
    {
        var match = ByFamily.Match(name);
        if (!match.Success)
            match = ByNumber.Match(name);
        if (!match.Success)
            return new Claude((int?)null);
        var minor = match.Groups["minor"] is { Success: true } group ? int.Parse(group.Value, CultureInfo.InvariantCulture) : 0;
        return new Claude((int.Parse(match.Groups["major"].Value, CultureInfo.InvariantCulture) * 100) + minor);
    }

    // A date follows the generation: at most two digits are a number of it.
    [GeneratedRegex(@"claude-(?:[a-z]+)-(?<major>\d{1,2})(?!\d)(?:[-.](?<minor>\d{1,2})(?!\d))?", RegexOptions.IgnoreCase)]
    private static partial Regex ByFamily { get; }

    [GeneratedRegex(@"claude-(?<major>\d{1,2})(?:[-.](?<minor>\d{1,2}))?-[a-z]+", RegexOptions.IgnoreCase)]
    private static partial Regex ByNumber { get; }
}
