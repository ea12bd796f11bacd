namespace Headway.Handlers.Code;

/// <summary>The code of a host, by the name of the feature whose work it does. Filled while the host starts, read afterwards.</summary>
internal sealed class CodeHandlers
{
    private readonly Dictionary<string, CodeWork> _work = new(StringComparer.Ordinal);

    /// <summary>In the order of their names.</summary>
    public IReadOnlyCollection<string> Features => [.. _work.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Code that gives one answer.</summary>
    public void Add<TIn, TOut>(string feature, Func<TIn, FeatureContext, CancellationToken, Task<TOut>> work) => Add(feature, new AnsweringWork<TIn, TOut>(work));

    /// <summary>Code that gives its answer in pieces.</summary>
    public void Add<TIn, TOut>(string feature, Func<TIn, FeatureContext, CancellationToken, IAsyncEnumerable<TOut>> work) => Add(feature, new StreamingWork<TIn, TOut>(work));

    /// <summary>Null: this host has no code of that name.</summary>
    public CodeWork? Find(string feature) => _work.GetValueOrDefault(feature);

    private void Add(string feature, CodeWork work)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(feature);
        if (!_work.TryAdd(feature, work)) throw new InvalidOperationException($"The feature {feature} already has code: map it once.");
    }
}
