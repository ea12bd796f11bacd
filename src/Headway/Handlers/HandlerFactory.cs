using System.Collections.Concurrent;
using Headway.Features;
using Headway.Handlers.Code;
using Headway.Handlers.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Headway.Handlers;

/// <summary>Gives each feature version the handler that its definition asks for. A handler is kept for as long as its definition is in use.</summary>
internal sealed class HandlerFactory : IDisposable
{
    /// <summary>Definitions that are kept; every reload may add some, so beyond this the oldest knowledge is dropped and made again when needed.</summary>
    private const int Kept = 1024;

    private readonly ConcurrentDictionary<Guid, Handler> _handlers = new();
    private readonly HttpUpstreams _upstreams;

    public required CodeHandlers Code { get; init; }

    /// <summary>The handler of a feature whose work is a workflow, of this host or of the feature file; null: it is not.</summary>
    public Func<FeatureVersion, Handler?> Workflows { get; init; } = static _ => null;

    /// <summary>Makes the handler of a prompt or of an exposed model.</summary>
    public required Func<FeatureVersion, Handler> Prompts { get; init; }

    /// <summary>A model by its name in the feature file, for one attempt.</summary>
    public required Func<string, Attempt, IChatClient> Models { get; init; }

    /// <summary>The version of the same number as the feature file has it now; null: not any more.</summary>
    public required Func<FeatureVersion, FeatureVersion?> Current { get; init; }

    public required ILoggerFactory Logs { get; init; }

    public HandlerFactory(TimeProvider time) => _upstreams = new HttpUpstreams(time);

    public Handler For(FeatureVersion version)
    {
        if (version.DefinitionHash.Length == 0) return Make(version);
        // Half of a SHA-256 tells definitions apart as well as the whole, and makes a key without an allocation for each attempt.
        var key = new Guid(version.DefinitionHash.AsSpan(0, 16));
        if (_handlers.TryGetValue(key, out var known)) return known;
        // Counting takes every lock of the dictionary: only where something is added.
        if (_handlers.Count >= Kept) _handlers.Clear();
        return _handlers.GetOrAdd(key, static (_, item) => item.Factory.Make(item.Version), (Factory: this, Version: version));
    }

    /// <summary>What this host cannot serve of the file, one sentence each; empty when it can serve all.</summary>
    public IReadOnlyList<string> Missing(FeatureFile file) =>
        [.. from feature in file.Features.Values
            from version in feature.Versions
            where version.Handler is CodeDefinition && Code.Find(version.Feature) is null && Workflows(version) is null
            select CodeMissing(version)];

    public void Dispose() => _upstreams.Dispose();

    private Handler Make(FeatureVersion version) => version.Handler switch
    {
        CodeDefinition or StepsDefinition when Workflows(version) is { } workflow => workflow,
        CodeDefinition => Code.Find(version.Feature) is { } work
            ? new CodeHandler(work, Models, Logs.CreateLogger($"Headway.Features.{version.Feature}"))
            : new MissingHandler("code-missing", CodeMissing(version)),
        HttpDefinition definition => new HttpHandler(definition, _upstreams.For(definition.Url), Current),
        PromptDefinition or ModelHandlerDefinition => Prompts(version),
        WorkerDefinition => new MissingHandler("no-worker", $"{version.Place}: the work of {version.Feature} is done by workers that claim its jobs; no node does it."),
        _ => new MissingHandler("handler-unserved", $"{version.Place}: {version.FullName} has a handler that this version of Headway does not serve."),
    };

    private static string CodeMissing(FeatureVersion version) =>
        $"code-missing: {version.Place}: the work of {version.Feature} is C# code, and this host has none of that name. " +
        $"Start the host that calls app.MapFeature(\"{version.Feature}\", …), or give the feature a prompt or http handler.";
}
