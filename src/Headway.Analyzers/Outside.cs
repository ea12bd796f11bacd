using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Headway.Analyzers;

/// <summary>What lies outside a workflow, by the names of its types and members: which rule it breaks, and the cure.</summary>
internal static class Outside
{
    private const string NewId = "use {0}.NewId()";
    private const string AStep = "put it in {0}.Step";
    private const string Whole = "put the work in {0}.Step, or side by side with {0}.All";
    private const string NoLock = "the code of a workflow runs one turn at a time and needs none";
    private const string Durable = "use {0}.Delay or {0}.Until";

    /// <summary>Whatever is done with a type, or with one that derives from it.</summary>
    private static readonly Dictionary<string, Judgement> Types = new(StringComparer.Ordinal)
    {
        ["System.Diagnostics.Stopwatch"] = new(Rules.Time, "use {0}.Now"),
        ["System.Security.Cryptography.RandomNumberGenerator"] = new(Rules.Chance, "use {0}.Random, or make a secret in {0}.Step"),
        ["System.HashCode"] = new(Rules.Chance, "a hash code is another one in each process; compare the values"),
        ["System.IO.File"] = new(Rules.World, AStep),
        ["System.IO.Directory"] = new(Rules.World, AStep),
        ["System.IO.FileSystemInfo"] = new(Rules.World, AStep),
        ["System.IO.DriveInfo"] = new(Rules.World, AStep),
        ["System.IO.FileSystemWatcher"] = new(Rules.World, AStep),
        ["System.IO.Stream"] = new(Rules.World, AStep),
        ["System.IO.StreamReader"] = new(Rules.World, AStep),
        ["System.IO.StreamWriter"] = new(Rules.World, AStep),
        ["System.Net.Http.HttpMessageInvoker"] = new(Rules.World, AStep),
        ["System.Net.Dns"] = new(Rules.World, AStep),
        ["System.Net.WebRequest"] = new(Rules.World, AStep),
        ["System.Net.Sockets.Socket"] = new(Rules.World, AStep),
        ["System.Net.Sockets.TcpClient"] = new(Rules.World, AStep),
        ["System.Net.Sockets.TcpListener"] = new(Rules.World, AStep),
        ["System.Net.Sockets.UdpClient"] = new(Rules.World, AStep),
        ["System.Net.WebSockets.WebSocket"] = new(Rules.World, AStep),
        ["System.Net.NetworkInformation.Ping"] = new(Rules.World, AStep),
        ["System.Data.IDbConnection"] = new(Rules.World, AStep),
        ["System.Data.IDbCommand"] = new(Rules.World, AStep),
        ["System.Data.IDbTransaction"] = new(Rules.World, AStep),
        ["System.Data.IDataReader"] = new(Rules.World, AStep),
        ["System.Data.Common.DbDataSource"] = new(Rules.World, AStep),
        ["System.Diagnostics.Process"] = new(Rules.World, AStep),
        ["System.Console"] = new(Rules.World, "use {0}.Logger, or put it in {0}.Step"),
        ["System.Environment"] = new(Rules.World, "give it to the workflow as a service, or read it in {0}.Step"),
        ["Microsoft.Extensions.AI.IChatClient"] = new(Rules.World, "use {0}.Model, whose answers are kept"),
        ["System.Threading.Thread"] = new(Rules.Leaving, Whole),
        ["System.Threading.ThreadPool"] = new(Rules.Leaving, Whole),
        ["System.Threading.Tasks.Parallel"] = new(Rules.Leaving, "use {0}.Each"),
        ["System.Threading.Tasks.TaskFactory"] = new(Rules.Leaving, Whole),
        ["System.Threading.Timer"] = new(Rules.Pause, Durable),
        ["System.Threading.PeriodicTimer"] = new(Rules.Pause, Durable),
        ["System.Timers.Timer"] = new(Rules.Pause, Durable),
        ["System.Threading.Monitor"] = new(Rules.Block, NoLock),
        ["System.Threading.Lock"] = new(Rules.Block, NoLock),
        ["System.Threading.SemaphoreSlim"] = new(Rules.Block, NoLock),
        ["System.Threading.ReaderWriterLockSlim"] = new(Rules.Block, NoLock),
        ["System.Threading.ManualResetEventSlim"] = new(Rules.Block, NoLock),
        ["System.Threading.CountdownEvent"] = new(Rules.Block, NoLock),
        ["System.Threading.Barrier"] = new(Rules.Block, NoLock),
        ["System.Threading.WaitHandle"] = new(Rules.Block, NoLock),
    };

    private static readonly Dictionary<string, Judgement> Members = new(StringComparer.Ordinal)
    {
        ["System.DateTime.Now"] = new(Rules.Time, "use {0}.Now.UtcDateTime"),
        ["System.DateTime.UtcNow"] = new(Rules.Time, "use {0}.Now.UtcDateTime"),
        ["System.DateTime.Today"] = new(Rules.Time, "use {0}.Now.UtcDateTime.Date"),
        ["System.DateTimeOffset.Now"] = new(Rules.Time, "use {0}.Now"),
        ["System.DateTimeOffset.UtcNow"] = new(Rules.Time, "use {0}.Now"),
        ["System.Environment.TickCount"] = new(Rules.Time, "use {0}.Now"),
        ["System.Environment.TickCount64"] = new(Rules.Time, "use {0}.Now"),
        ["System.TimeProvider.System"] = new(Rules.Time, "use {0}.Now"),
        ["System.TimeProvider.GetUtcNow"] = new(Rules.Time, "use {0}.Now"),
        ["System.TimeProvider.GetLocalNow"] = new(Rules.Time, "use {0}.Now"),
        ["System.TimeProvider.GetTimestamp"] = new(Rules.Time, "use {0}.Now"),
        ["System.TimeProvider.GetElapsedTime"] = new(Rules.Time, "use {0}.Now"),
        ["System.TimeProvider.CreateTimer"] = new(Rules.Pause, Durable),
        ["System.Guid.NewGuid"] = new(Rules.Chance, NewId),
        ["System.Guid.CreateVersion7"] = new(Rules.Chance, NewId),
        ["System.Random.Shared"] = new(Rules.Chance, "use {0}.Random"),
        ["System.String.GetHashCode"] = new(Rules.Chance, "the hash code of a text is another one in each process; compare the texts"),
        ["System.IO.Path.GetTempFileName"] = new(Rules.World, AStep),
        ["System.IO.Path.GetRandomFileName"] = new(Rules.Chance, NewId),
        ["System.Threading.Tasks.Task.Run"] = new(Rules.Leaving, Whole),
        ["System.Threading.Tasks.Task.ContinueWith"] = new(Rules.Leaving, "await it, and go on after that"),
        ["System.Threading.Tasks.Task.Start"] = new(Rules.Leaving, Whole),
        ["System.Threading.Tasks.Task.Delay"] = new(Rules.Pause, Durable),
        ["System.Threading.Thread.Sleep"] = new(Rules.Pause, Durable),
        ["System.Threading.Tasks.Task.WaitAsync"] = new(Rules.Pause, "race it with {0}.Delay in {0}.Race"),
        ["System.Threading.Tasks.Task.Wait"] = new(Rules.Block, "await it"),
        ["System.Threading.Tasks.Task.WaitAll"] = new(Rules.Block, "await {0}.All"),
        ["System.Threading.Tasks.Task.WaitAny"] = new(Rules.Block, "await {0}.Any"),
        ["System.Threading.Tasks.Task.Result"] = new(Rules.Block, "await it"),
        ["System.Threading.Tasks.ValueTask.Result"] = new(Rules.Block, "await it"),
        ["System.Runtime.CompilerServices.TaskAwaiter.GetResult"] = new(Rules.Block, "await it"),
        ["System.Runtime.CompilerServices.ValueTaskAwaiter.GetResult"] = new(Rules.Block, "await it"),
        ["System.Environment.NewLine"] = Judgement.Fine,
    };

    /// <summary>Null: it may be used in a body.</summary>
    /// <param name="receiver">What an extension method is called on.</param>
    public static Judgement? Of(ISymbol member, ITypeSymbol? receiver)
    {
        if (member.ContainingType is not { } type || member.Name is "Dispose" or "DisposeAsync") return null;
        if (Members.TryGetValue($"{NameOf(type)}.{member.Name}", out var judged)) return judged.Rule is null ? null : judged;
        // What an object tells of itself is no more than its name.
        if (type.SpecialType is SpecialType.System_Object) return null;
        return OfType(type) ?? (receiver is null ? null : OfType(receiver));
    }

    /// <summary>Of making an object.</summary>
    public static Judgement? OfNew(IObjectCreationOperation made) =>
        made.Type is null ? null
        : NameOf(made.Type) == "System.Random" && made.Arguments.IsEmpty ? Members["System.Random.Shared"]
        : OfType(made.Type);

    private static Judgement? OfType(ITypeSymbol type)
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            // Memory is not the world.
            if (NameOf(at) == "System.IO.MemoryStream") return null;
            if (Types.TryGetValue(NameOf(at), out var judged)) return judged;
        }
        foreach (var face in type.AllInterfaces)
        {
            if (Types.TryGetValue(NameOf(face), out var judged)) return judged;
        }
        return null;
    }

    /// <summary>With its namespace, without what it is made generic with.</summary>
    public static string NameOf(ITypeSymbol type) => type.ContainingNamespace is { IsGlobalNamespace: false } space ? $"{space.ToDisplayString()}.{type.Name}" : type.Name;
}

/// <param name="rule">That is broken; null: none.</param>
/// <param name="cure">With the name of the context left open.</param>
internal sealed class Judgement(DiagnosticDescriptor? rule, string cure)
{
    public static readonly Judgement Fine = new(null, "");

    public DiagnosticDescriptor? Rule => rule;

    public string Cure => cure;
}
