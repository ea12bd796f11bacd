using System.Diagnostics;

namespace Headway;

/// <summary>Where an exception came from, in names that the author gave: the same on every machine, and in every version in which the method is still called so.</summary>
/// <remarks>
/// Not the text, which holds content; not lines, which move with every edit; not the numbers that the compiler gives to state machines and closures, nor
/// the versions of assemblies. What the libraries throw is told by who called them, or everything that parses JSON would be one failure.
/// </remarks>
internal static class ExceptionPlace
{
    public static string TypeOf(Exception exception)
    {
        var type = exception.GetType();
        // The name of a closed generic type holds the versions of the assemblies of its arguments.
        var name = (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName ?? type.Name;
        return string.Join('.', name.Split('+').Select(WithoutArity));
    }

    /// <summary>Type and method. Empty: it was never thrown.</summary>
    public static string Of(Exception exception)
    {
        string? first = null;
        foreach (var frame in new StackTrace(exception, fNeedFileInfo: false).GetFrames())
        {
            if (DiagnosticMethodInfo.Create(frame) is not { DeclaringTypeName: { } type } method) continue;
            var place = Plain(type, method.Name);
            first ??= place;
            if (!IsLibrary(type)) return place;
        }
        return first ?? "";
    }

    private static bool IsLibrary(string type) => type.StartsWith("System.", StringComparison.Ordinal) || type.StartsWith("Microsoft.", StringComparison.Ordinal);

    // `Shop.Orders+<>c__DisplayClass3_0.<Run>b__1` and `Shop.Orders+<Run>d__12.MoveNext` are both `Shop.Orders.Run`.
    private static string Plain(string type, string method)
    {
        var name = Authored(method);
        var parts = type.Split('+');
        for (var i = parts.Length - 1; i > 0; i--)
        {
            if (parts[i].Length > 0 && parts[i][0] != '<') break;
            if (name is null or "MoveNext") name = Authored(parts[i]) ?? name;
            parts = parts[..i];
        }
        return $"{string.Join('.', parts.Select(WithoutArity))}.{name ?? method}";
    }

    /// <summary>What stands between the first brackets; null where the compiler alone has named it.</summary>
    private static string? Authored(string name)
    {
        if (name.Length == 0 || name[0] != '<') return name;
        var (depth, end) = (0, 0);
        for (; end < name.Length; end++)
        {
            if (name[end] == '<') depth++;
            else if (name[end] == '>' && --depth == 0) break;
        }
        if (end <= 1 || end == name.Length) return null;
        // A local function of a local function, or the body of a lambda: the outermost is the author's method.
        return Authored(name[1..end]);
    }

    private static string WithoutArity(string name)
    {
        var generic = name.IndexOfAny(['`', '[']);
        return generic < 0 ? name : name[..generic];
    }
}
