namespace Headway;

/// <summary>One source of chance for everybody in the engine. <see cref="Random"/> itself breaks when two threads draw at once: it then gives zeros for ever.</summary>
internal sealed class SharedRandom(Random source) : Random
{
    private readonly Lock _gate = new();

    /// <inheritdoc/>
    public override double NextDouble()
    {
        lock (_gate) return source.NextDouble();
    }

    /// <inheritdoc/>
    public override int Next(int maxValue)
    {
        lock (_gate) return source.Next(maxValue);
    }

    /// <inheritdoc/>
    protected override double Sample() => NextDouble();
}
