using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Headway.Features.Yaml;

/// <summary>Makes a tree of <see cref="Node"/>s of one YAML document. Uses the parser's events and not its object mapping, because every node must
/// keep its place and every duplicate key must survive to be reported.</summary>
internal sealed class NodeReader(string file, Variables variables, List<Finding> findings)
{
    /// <summary>The deepest thing the file can say is eight levels deep; recursion below must have a bound.</summary>
    public const int MaxDepth = 32;

    /// <summary>Aliases expanded. A thousand features have about 40,000 nodes.</summary>
    public const long MaxWeight = 200_000;

    private readonly Dictionary<string, Node> _anchors = [];
    private long _weight;

    /// <summary>Null: not YAML, or not one document; findings say why.</summary>
    public Node? Read(string text)
    {
        var scanner = new Scanner(new StringReader(text), skipComments: true);
        var parser = new Parser(scanner);
        try
        {
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
                return Refuse("file-empty", "the file is empty; it needs at least `features:`.", new Place(file, 1, 1));

            parser.Consume<DocumentStart>();
            var root = Next(parser, depth: 0);
            parser.Consume<DocumentEnd>();
            if (!parser.Accept<StreamEnd>(out _))
                return Refuse("yaml-documents", "a second YAML document starts here; a feature file is one document.", At(parser.Current!.Start));
            return root;
        }
        catch (Refused refused)
        {
            return Refuse(refused.Code, refused.Message, refused.Place);
        }
        catch (YamlException syntax)
        {
            var last = syntax.Message.Contains("tab", StringComparison.Ordinal) ? long.MaxValue : syntax.End.Line;
            return TabBefore(text, last) is { } tab
                ? Refuse("yaml-tab", "a tab indents this line; YAML allows only spaces there.", tab)
                : Refuse("yaml-syntax", $"not valid YAML: {Sentence(syntax)}", Within(text, At(syntax.Start)));
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException or OverflowException)
        {
            // The scanner answers some malformed files with exceptions that are not its own, such as `{ a: : b }`.
            return Refuse("yaml-syntax", "not valid YAML here or just before.", Within(text, At(scanner.CurrentPosition)));
        }
    }

    private Node Next(Parser parser, int depth)
    {
        if (depth > MaxDepth)
            throw new Refused("yaml-depth", $"nested deeper than {MaxDepth} levels.", At(parser.Current!.Start));

        if (parser.TryConsume<AnchorAlias>(out var alias))
            return Weigh(Aliased(alias));

        if (parser.TryConsume<Scalar>(out var scalar))
            return Anchor(scalar, Weigh(ReadScalar(scalar)));

        if (parser.TryConsume<SequenceStart>(out var list))
            return Anchor(list, ReadList(parser, list, depth));

        var map = parser.Consume<MappingStart>();
        return Anchor(map, ReadMap(parser, map, depth));
    }

    private Node ReadScalar(Scalar scalar) => variables.Substitute(new Node
    {
        Kind = NodeKind.Scalar,
        Place = At(scalar.Start),
        Text = scalar.Value,
        Raw = scalar.Value,
        IsPlain = scalar.Style is ScalarStyle.Plain,
    });

    private Node ReadList(Parser parser, SequenceStart start, int depth)
    {
        var items = new List<Node>();
        while (!parser.TryConsume<SequenceEnd>(out _))
            items.Add(Next(parser, depth + 1));
        return Weigh(new Node { Kind = NodeKind.List, Place = At(start.Start), Items = items, Weight = 1 }) with { Weight = 1 + items.Sum(item => item.Weight) };
    }

    private Node ReadMap(Parser parser, MappingStart start, int depth)
    {
        var entries = new List<Entry>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            // Keys are names, never values of the environment.
            var key = parser.TryConsume<Scalar>(out var name)
                ? new Node { Kind = NodeKind.Scalar, Place = At(name.Start), Text = name.Value, Raw = name.Value }
                : throw new Refused("yaml-key", parser.Current is MappingStart ? "a key must be a plain word; put a template into quotes, \"{{input.x}}\"." : "a key must be a plain word.", At(parser.Current!.Start));
            entries.Add(new Entry(key, Next(parser, depth + 1)));
        }

        var node = new Node { Kind = NodeKind.Map, Place = At(start.Start), Entries = entries };
        return Weigh(node) with { Weight = 1 + entries.Sum(entry => 1 + entry.Value.Weight) };
    }

    private Node Aliased(AnchorAlias alias) => _anchors.TryGetValue(alias.Value.Value, out var node)
        ? node
        : throw new Refused("yaml-alias", $"*{alias.Value} names no anchor above it.", At(alias.Start));

    private Node Anchor(NodeEvent start, Node node)
    {
        if (!start.Tag.IsEmpty && !start.Tag.IsNonSpecific)
            throw new Refused("yaml-tag", $"the tag {start.Tag} has no meaning here; remove it.", At(start.Start));
        if (!start.Anchor.IsEmpty)
            _anchors[start.Anchor.Value] = node;
        return node;
    }

    // An alias weighs as much as what it stands for: nine levels of nine aliases are a billion nodes to walk, in 300 bytes of file.
    private Node Weigh(Node node)
    {
        _weight += node.Weight;
        return _weight <= MaxWeight
            ? node
            : throw new Refused("yaml-size", $"with its aliases expanded the file has more than {MaxWeight:N0} nodes.", node.Place);
    }

    private Place? TabBefore(string text, long line)
    {
        var number = 0;
        foreach (var row in text.AsSpan().EnumerateLines())
        {
            if (++number > line)
                return null;
            var indent = row[..(row.Length - row.TrimStart(" \t").Length)];
            if (indent.IndexOf('\t') is >= 0 and var column)
                return new Place(file, number, column + 1);
        }

        return null;
    }

    // What is missing at the end is reported by the parser on a line that editors do not have.
    private static Place Within(string text, Place place)
    {
        var lines = text.TrimEnd().Split('\n');
        return place.Line <= lines.Length ? place : place with { Line = lines.Length, Column = lines[^1].Length + 1 };
    }

    private static string Sentence(YamlException syntax)
    {
        var message = syntax.InnerException?.Message ?? syntax.Message;
        var end = message.LastIndexOf("): ", StringComparison.Ordinal);
        return (end >= 0 ? message[(end + 3)..] : message).TrimEnd('.') + ".";
    }

    private Place At(Mark mark) => new(file, (int)mark.Line, (int)mark.Column);

    private Node? Refuse(string code, string message, Place place)
    {
        findings.Add(Finding.Error(code, message, place));
        return null;
    }

    private sealed class Refused(string code, string message, Place place) : Exception(message)
    {
        public string Code { get; } = code;
        public Place Place { get; } = place;
    }
}
