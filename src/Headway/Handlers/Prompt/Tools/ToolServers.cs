using Headway.Features;

namespace Headway.Handlers.Prompt.Tools;

/// <summary>The tool servers of the feature file as it is now. A connection outlives a reload that leaves its server as it was.</summary>
/// <remarks>Servers are looked up when they are called, as models are: a new address or token counts from the next call on.</remarks>
internal sealed class ToolServers(Func<IReadOnlyDictionary<string, ToolServerDefinition>> servers, TimeProvider time) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ToolServer> _open = new(StringComparer.Ordinal);
    private readonly List<ToolServer> _replaced = [];

    /// <summary>A server that may be shown data of this class, or why there is none.</summary>
    public (ToolServer? Server, Failure? Failure) Find(string name, DataClass data)
    {
        if (servers().GetValueOrDefault(name) is not { } definition) return (null, ToolFailures.Unknown(name));
        if (!definition.AllowedData.Contains(data)) return (null, ToolFailures.DataNotAllowed(definition, data));
        lock (_gate)
        {
            if (_open.TryGetValue(name, out var known))
            {
                if (IsSame(known.Definition, definition)) return (known, null);
                LetGo(name, known);
            }

            return (_open[name] = new ToolServer(definition, time), null);
        }
    }

    /// <summary>After a reload: what the file does not have any more, or has elsewhere, is not kept running.</summary>
    public void Look()
    {
        var now = servers();
        lock (_gate)
        {
            foreach (var (name, known) in _open.ToArray())
                if (now.GetValueOrDefault(name) is not { } definition || !IsSame(known.Definition, definition)) LetGo(name, known);
        }
    }

    // Calls that are under way on it come to their end.
    private void LetGo(string name, ToolServer known)
    {
        _open.Remove(name);
        known.Close();
        _replaced.Add(known);
    }

    private static bool IsSame(ToolServerDefinition known, ToolServerDefinition now) => known.Address == now.Address && known.Timeout == now.Timeout;

    public async ValueTask DisposeAsync()
    {
        ToolServer[] all;
        lock (_gate) all = [.. _open.Values, .. _replaced];
        await Task.WhenAll(all.Select(server => server.DisposeAsync().AsTask())).ConfigureAwait(false);
    }
}
