namespace Headway.Features.Yaml;

/// <summary>A node of the file with its place. Scalars hold what is left after environment substitution.</summary>
internal sealed record Node
{
    public required NodeKind Kind { get; init; }
    public required Place Place { get; init; }

    /// <summary>A scalar's value.</summary>
    public string Text { get; init; } = "";

    /// <summary>A scalar as written, before substitution: what may be repeated in a message, because it holds no value of the environment.</summary>
    public string Raw { get; init; } = "";

    /// <summary>Written without quotes, so `5` is a number and nothing at all is null.</summary>
    public bool IsPlain { get; init; }

    /// <summary>Part of the value came from the environment: it is typed by where it stands, quoted or not.</summary>
    public bool IsSubstituted { get; init; }

    /// <summary>A variable is missing; that has been reported, and nothing more can be said of the value.</summary>
    public bool IsBroken { get; init; }

    public IReadOnlyList<Entry> Entries { get; init; } = [];
    public IReadOnlyList<Node> Items { get; init; } = [];

    /// <summary>Nodes in this tree with aliases expanded: what a walk over it costs.</summary>
    public long Weight { get; init; } = 1;

    public bool IsNull => Kind is NodeKind.Scalar && IsPlain && !IsSubstituted && Text is "" or "~" or "null";

    /// <summary>The value under a key, or null. Of duplicates, which are errors, the first.</summary>
    public Node? this[string key]
    {
        get
        {
            foreach (var entry in Entries)
                if (entry.Key.Text == key)
                    return entry.Value;
            return null;
        }
    }

    /// <summary>This mapping laid over another: its keys win. Mappings found under both for one of the <paramref name="merged"/> keys are laid
    /// over one another in turn; everything else is replaced whole.</summary>
    public Node Over(Node? under, IReadOnlySet<string> merged)
    {
        if (under is not { Kind: NodeKind.Map } || Kind is not NodeKind.Map)
            return this;

        var entries = new List<Entry>(Entries.Count + under.Entries.Count);
        foreach (var entry in Entries)
        {
            var below = merged.Contains(entry.Key.Text) ? under[entry.Key.Text] : null;
            entries.Add(entry with { Value = entry.Value.Over(below, merged) });
        }

        entries.AddRange(under.Entries.Where(entry => this[entry.Key.Text] is null));
        return this with { Entries = entries };
    }

    public Node Without(string key) => this with { Entries = [.. Entries.Where(entry => entry.Key.Text != key)] };

    /// <summary>For a message: what kind of thing stands here.</summary>
    public string Says => Kind switch
    {
        NodeKind.Map => "a mapping",
        NodeKind.List => "a list",
        _ when IsNull => "nothing",
        _ => $"'{Raw}'",
    };
}

internal sealed record Entry(Node Key, Node Value);

internal enum NodeKind { Scalar, Map, List }
