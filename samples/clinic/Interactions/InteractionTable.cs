using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Clinic.Interactions;

/// <summary>Well-known interactions between drugs or groups of drugs, each with its source. Not complete, and never "none" for a drug it does not know.</summary>
internal sealed class InteractionTable
{
    private readonly FrozenDictionary<string, Drug> _drugs;
    private readonly FrozenDictionary<(string, string), Interaction[]> _interactions;

    private InteractionTable(TableFile file)
    {
        var drugs = new Dictionary<string, Drug>(StringComparer.OrdinalIgnoreCase);
        foreach (var drug in file.Drugs)
        {
            drugs.Add(drug.Name, drug);
            foreach (var other in drug.Also ?? []) drugs.Add(other, drug);
        }
        _drugs = drugs.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _interactions = file.Interactions.GroupBy(item => Key(item.One, item.Other)).ToFrozenDictionary(group => group.Key, group => group.ToArray());
        Note = file.Note;
        Interactions = file.Interactions;
    }

    public string Note { get; }

    public IReadOnlyList<Interaction> Interactions { get; }

    public IReadOnlyCollection<Drug> Drugs => [.. _drugs.Values.Distinct()];

    public static InteractionTable Load()
    {
        using var stream = typeof(InteractionTable).Assembly.GetManifestResourceStream("interactions.json")!;
        return new InteractionTable(JsonSerializer.Deserialize<TableFile>(stream, JsonSerializerOptions.Web)!);
    }

    /// <summary>Null: the table does not know the drug.</summary>
    public Drug? Find(string name) => _drugs.GetValueOrDefault(name.Trim());

    /// <summary>The known name nearest to an unknown one, where a slip of the pen explains the difference.</summary>
    public string? Nearest(string name)
    {
        var written = name.Trim().ToLowerInvariant();
        var nearest = _drugs.Keys.MinBy(known => Distance(written, known.ToLowerInvariant()));
        return nearest is not null && Distance(written, nearest.ToLowerInvariant()) <= 2 ? nearest : null;
    }

    /// <summary>What is known between two drugs, by their names and by their groups.</summary>
    public IEnumerable<Interaction> Between(Drug one, Drug other) =>
        from left in one.Words
        from right in other.Words
        where _interactions.ContainsKey(Key(left, right))
        from interaction in _interactions[Key(left, right)]
        select interaction;

    private static (string, string) Key(string one, string other) => string.CompareOrdinal(one, other) <= 0 ? (one, other) : (other, one);

    /// <summary>Levenshtein: insertions, deletions and replacements.</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var replaced = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[other.Length];
    }

    private sealed record TableFile(string Note, Drug[] Drugs, Interaction[] Interactions);
}

/// <param name="Groups">Groups whose interactions it has.</param>
/// <param name="Also">Other names it goes by.</param>
internal sealed record Drug(string Name, string[]? Groups = null, string[]? Also = null)
{
    [JsonIgnore]
    public IEnumerable<string> Words => [Name, .. Groups ?? []];
}

/// <param name="One">A drug or a group.</param>
/// <param name="Source">Where it is written.</param>
internal sealed record Interaction(string One, string Other, Severity Severity, string Effect, string Advice, string Source);

/// <summary>Ordered: a later one is worse.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Severity>))]
internal enum Severity
{
    [JsonStringEnumMemberName("moderate")]
    Moderate,

    [JsonStringEnumMemberName("serious")]
    Serious,

    [JsonStringEnumMemberName("contraindicated")]
    Contraindicated,
}
