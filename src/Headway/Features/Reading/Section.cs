using System.Diagnostics.CodeAnalysis;
using Headway.Features.Shapes;
using Headway.Features.Yaml;

namespace Headway.Features.Reading;

/// <summary>A mapping of the file that is read by its shape. What does not fit was reported by <see cref="ShapeCheck"/>; here it counts as absent.
/// Asking for a key the shape does not have is a bug, so that the tables and the reading cannot drift apart.</summary>
internal readonly struct Section(Node? node, Keys shape)
{
    public Node? Node { get; } = node is { Kind: NodeKind.Map } ? node : null;

    public bool Has(string key) => Find(key) is not null;

    public Node? Find(string key)
    {
        _ = Declared(key);
        return Node?[key];
    }

    public Place PlaceOf(string key, Place otherwise) => Find(key)?.Place ?? otherwise;

    public Section Under(string key) => new(Find(key), Declared(key).Shape is Variants variants ? variants.Mappings[0] : (Keys)Declared(key).Shape);

    /// <summary>The mappings under a key by the names the author chose, first of duplicates.</summary>
    public IEnumerable<(Node Name, Section Section)> Named(string key)
    {
        var shape = (Keys)((Named)Declared(key).Shape).Value;
        return Entries(key).Select(entry => (entry.Key, new Section(entry.Value, shape)));
    }

    public IReadOnlyList<Entry> Entries(string key) => Find(key) is { Kind: NodeKind.Map } map ? [.. map.Entries.DistinctBy(entry => entry.Key.Text)] : [];

    public bool TryRead<T>(string key, [MaybeNullWhen(false)] out T value)
    {
        var scalar = (Scalar<T>)Declared(key).Shape;
        value = default;
        return Find(key) is { Kind: NodeKind.Scalar } found && scalar.TryRead(found, out value);
    }

    public T? Value<T>(string key) where T : struct => TryRead<T>(key, out var value) ? value : null;

    public T Value<T>(string key, T otherwise) where T : struct => TryRead<T>(key, out var value) ? value : otherwise;

    public string? Text(string key) => TryRead<string>(key, out var value) ? value : null;

    public Uri? Url(string key) => TryRead<Uri>(key, out var value) ? value : null;

    /// <summary>Items of a list of single values that read; the others were reported.</summary>
    public IReadOnlyList<(T Value, Place Place)> List<T>(string key)
    {
        var scalar = (Scalar<T>)((Listed)Declared(key).Shape).Item;
        var values = new List<(T, Place)>();
        foreach (var item in Find(key) is { Kind: NodeKind.List } list ? list.Items : [])
        {
            if (item.Kind is NodeKind.Scalar && scalar.TryRead(item, out var value))
                values.Add((value, item.Place));
        }

        return values;
    }

    /// <summary>The one value, or the items of the list, that read; the others were reported.</summary>
    public IReadOnlyList<(T Value, Place Place)> OneOrMore<T>(string key) where T : class
    {
        var shape = (OneOrMore)Declared(key).Shape;
        var items = Find(key) switch
        {
            { Kind: NodeKind.List } list => list.Items.Select(item => (Node: item, Scalar: (Scalar<T>)shape.More.Item)),
            { Kind: NodeKind.Scalar } one => [(one, (Scalar<T>)shape.One)],
            _ => [],
        };
        return [.. from item in items where item.Node.Kind is NodeKind.Scalar let value = item.Scalar.TryRead(item.Node, out var read) ? read : default where value is not null select (value, item.Node.Place)];
    }

    /// <summary>Free names with text, as the file writes it: variables are left as `${NAME}` when <paramref name="raw"/>.</summary>
    public IReadOnlyDictionary<string, string> Texts(string key, bool raw) => Entries(key)
        .Where(entry => entry.Value is { Kind: NodeKind.Scalar, IsNull: false })
        .ToDictionary(entry => entry.Key.Text, entry => raw ? entry.Value.Raw : entry.Value.Text, StringComparer.OrdinalIgnoreCase);

    private Key Declared(string key) => shape[key] ?? throw new InvalidOperationException($"The shape '{shape.Name}' has no key '{key}'.");
}
