using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Headway.Tidy.Tests.Rooms;

/// <summary>
/// The dependency rule inside the engine: which room (the namespace right under Headway) may use which. A use is a using directive, a name that
/// begins with Headway, or a room's name followed by a type of that room. The engine puts the rooms together and is used by none.
/// </summary>
internal static class RoomReferences
{
    private static readonly string[] Ground = ["Storage", "Telemetry"];
    private static readonly string[] Shared = ["Features", "Streams", "Audit", "Access", "Payloads", "Budgets", .. Ground];

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Telemetry"] = [],
        ["Storage"] = ["Telemetry"],
        ["Access"] = Shared,
        ["Audit"] = Shared,
        ["Features"] = Shared,
        ["Payloads"] = Shared,
        ["Streams"] = Shared,
        ["Budgets"] = Shared,
        ["Models"] = Shared,
        ["Handlers"] = ["Models", .. Shared],
        ["Caching"] = Shared,
        ["Jobs"] = ["Handlers", "Models", "Caching", .. Shared],
        ["Workflows"] = ["Jobs", "Handlers", "Models", .. Shared],
        ["Batches"] = ["Jobs", "Handlers", "Models", .. Shared],
        ["Schedules"] = ["Jobs", "Handlers", "Models", .. Shared],
        ["Sources"] = ["Jobs", "Handlers", "Models", .. Shared],
        ["Delivery"] = ["Jobs", "Handlers", .. Shared],
        ["Reconciliation"] = ["Jobs", .. Shared],
        ["Alerts"] = ["Delivery", "Reconciliation", "Jobs", .. Shared],
        ["Advice"] = ["Features", .. Ground],
    };

    private const string Composition = "src/Headway/Engine";

    public static IEnumerable<Finding> Check(IReadOnlyCollection<TextFile> engine)
    {
        var uses = Uses(engine).ToArray();
        foreach (var use in uses)
        {
            if (!Allowed.TryGetValue(use.From, out var allowed)) yield return use.File.Finding(1, $"{use.From} has no line in the table of rooms yet: give it one.");
            else if (use.To == "") yield return use.File.Finding(use.Line, $"{use.From} may not use what puts it together ({use.Name}).");
            else if (!allowed.Contains(use.To)) yield return use.File.Finding(use.Line, $"{use.From} may not use {use.To} ({use.Name}).");
        }

        foreach (var circle in Circles([.. uses.Where(use => use.To != "").Select(use => (use.From, use.To)).Distinct()]))
            yield return new Finding("src/Headway", 1, $"a circle of rooms: {circle}");
    }

    private static IEnumerable<string> TypesOf(TextFile file) => file.Syntax.DescendantNodes().OfType<BaseTypeDeclarationSyntax>().Select(type => type.Identifier.ValueText);

    private sealed record Use(TextFile File, int Line, string From, string To, string Name);

    private static IEnumerable<Use> Uses(IReadOnlyCollection<TextFile> engine)
    {
        var typesOfRoom = engine.ToLookup(RoomOf, TypesOf).ToDictionary(room => room.Key, room => room.SelectMany(names => names).ToHashSet());
        var composition = engine.Where(file => file.Path.StartsWith(Composition, StringComparison.Ordinal)).SelectMany(TypesOf).ToHashSet();

        foreach (var file in engine.Where(file => RoomOf(file) != ""))
        {
            var from = RoomOf(file);
            foreach (var node in file.Syntax.DescendantNodes())
            {
                if (node is IdentifierNameSyntax { Parent: not MemberAccessExpressionSyntax and not NameColonSyntax } simple && composition.Contains(simple.Identifier.ValueText))
                    yield return new Use(file, TextFile.LineOf(node), from, "", simple.Identifier.ValueText);
                if (node is not (QualifiedNameSyntax or MemberAccessExpressionSyntax)) continue;
                if (node.Parent is BaseNamespaceDeclarationSyntax or QualifiedNameSyntax or MemberAccessExpressionSyntax) continue;
                var parts = node.ToString().Replace("global::", "", StringComparison.Ordinal).Split('.', StringSplitOptions.TrimEntries);
                var to = parts[0] == "Headway" ? parts[1]
                    : parts is [not "", _, ..] && typesOfRoom.TryGetValue(parts[0], out var known) && known.Contains(parts[1].Split('<', '(')[0]) ? parts[0]
                    : null;
                if (to is not null && to != from && (Allowed.ContainsKey(to) || typesOfRoom.ContainsKey(to))) yield return new Use(file, TextFile.LineOf(node), from, to, node.ToString());
            }
        }
    }

    /// <summary>The first folder under src/Headway; empty for the files that lie in it.</summary>
    private static string RoomOf(TextFile file) => file.Path.Split('/') is [_, _, var room, _, ..] ? room : "";

    private static IEnumerable<string> Circles((string From, string To)[] uses)
    {
        var reported = new HashSet<string>();
        foreach (var start in uses.Select(use => use.From).Distinct())
        {
            var path = PathBack(start, start, uses, []);
            if (path is not null && reported.Add(string.Join(' ', path.Order(StringComparer.Ordinal)))) yield return string.Join(" -> ", path.Append(start));
        }
    }

    private static List<string>? PathBack(string from, string goal, (string From, string To)[] uses, HashSet<string> seen)
    {
        foreach (var (_, next) in uses.Where(use => use.From == from))
        {
            if (next == goal) return [from];
            if (!seen.Add(next)) continue;
            if (PathBack(next, goal, uses, seen) is { } rest) return [from, .. rest];
        }

        return null;
    }
}

public sealed class RoomReferencesTests
{
    [Fact]
    public void Rooms_use_only_what_the_dependency_rule_allows_and_in_no_circle() =>
        RoomReferences.Check([.. Repository.CSharp("src").Where(file => file.Path.StartsWith("src/Headway/", StringComparison.Ordinal))]).ShouldBeNone();

    [Theory]
    [InlineData("Models", "using Headway.Jobs;")]
    [InlineData("Models", "class Failover { Headway.Jobs.Job? _job; }")]
    [InlineData("Models", "class Failover { Jobs.Job? _job; }")]
    [InlineData("Models", "class Failover { object _state = Jobs.Job.Empty; }")]
    [InlineData("Storage", "using Headway.Jobs.Accepting;")]
    [InlineData("Jobs", "class Worker { Engine? _engine; }")]
    [InlineData("Novelty", "using Headway.Jobs;")]
    public void A_use_against_the_rule_is_found(string room, string code) => Check(room, code).ShouldHaveSingleItem();

    [Theory]
    [InlineData("Jobs", "using Headway.Handlers; class Worker { JobId _id; }")]
    [InlineData("Models", "class Failover { object Jobs; object Count => Jobs.Count; }")]
    public void A_use_within_the_rule_is_not(string room, string code) => Check(room, code).ShouldBeEmpty();

    [Fact]
    public void A_circle_is_found_even_where_each_use_is_allowed() =>
        RoomReferences.Check([new("src/Headway/Audit/A.cs", "using Headway.Payloads;"), new("src/Headway/Payloads/P.cs", "using Headway.Audit;")])
            .ShouldHaveSingleItem().What.ShouldContain("circle");

    private static Finding[] Check(string room, string code) =>
    [
        .. RoomReferences.Check(
        [
            new("src/Headway/Jobs/Job.cs", "namespace Headway.Jobs; class Job;"),
            new("src/Headway/Engine.cs", "namespace Headway; class Engine;"),
            new("src/Headway/JobId.cs", "namespace Headway; struct JobId;"),
            new($"src/Headway/{room}/Sample.cs", code),
        ]),
    ];
}
