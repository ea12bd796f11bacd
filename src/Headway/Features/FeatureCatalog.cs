namespace Headway.Features;

/// <summary>The feature file as it is now. A reload replaces it whole; a call under way keeps the version it was accepted under, which never changes.</summary>
internal sealed class FeatureCatalog(FeatureFile file)
{
    private FeatureFile _current = file;
    private Reload? _last;

    public FeatureFile Current => Volatile.Read(ref _current);

    /// <summary>What became of the last change of the file. Null: it has not changed.</summary>
    public Reload? LastReload => Volatile.Read(ref _last);

    /// <summary>Told after each reload, of the good and of the refused.</summary>
    public event Action<Reload>? Reloaded;

    internal void Tell(Reload reload, FeatureFile? file)
    {
        if (file is not null)
            Volatile.Write(ref _current, file);
        Volatile.Write(ref _last, reload);
        Reloaded?.Invoke(reload);
    }
}

/// <summary>One change of the file.</summary>
/// <param name="Taken">Whether the new file is in force; otherwise the old one still is.</param>
/// <param name="Findings">What is wrong with the new file, or worth knowing.</param>
internal sealed record Reload(DateTimeOffset At, bool Taken, IReadOnlyList<Finding> Findings);
