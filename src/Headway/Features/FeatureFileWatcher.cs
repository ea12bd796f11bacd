using System.Text;
using Headway.Features.Reading;
using Microsoft.Extensions.Logging;

namespace Headway.Features;

/// <summary>Reloads the feature file when it, or a template or schema it names, has other content than before. It compares content and not times of
/// change, because mounted configuration is swapped by links whose times say nothing, and because touching a file changes nothing.</summary>
internal sealed class FeatureFileWatcher
{
    /// <summary>How often it looks. A change is taken at the second look that sees it, so that a file half written is not.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly FeatureCatalog _catalog;
    private readonly Func<FeatureFileReading> _read;
    private readonly Func<FeatureFile, IReadOnlyList<string>> _refusals;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly string _path;

    private IReadOnlyCollection<string> _references;
    private string _known;
    private string? _changing;

    /// <param name="first">The reading the catalog's file came from.</param>
    /// <param name="read">Reads the file anew.</param>
    /// <param name="refusals">Why this host cannot serve a file that is valid, one sentence each.</param>
    public FeatureFileWatcher(FeatureCatalog catalog, FeatureFileReading first, Func<FeatureFileReading> read,
        Func<FeatureFile, IReadOnlyList<string>> refusals, TimeProvider time, ILogger log)
    {
        _catalog = catalog;
        _read = read;
        _refusals = refusals;
        _time = time;
        _log = log;
        _path = catalog.Current.Path;
        _references = first.References;

        // Of what was read and not of what is there now: a change since then must be seen.
        _known = first.Content;
    }

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Every, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
                Look();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    /// <summary>Looks once. Null: there was nothing to reload.</summary>
    public Reload? Look()
    {
        var content = FileReading.ContentOf(_path, _references);
        if (content == _known)
        {
            _changing = null;
            return null;
        }

        if (content != _changing)
        {
            _changing = content;
            return null;
        }

        // Known from here on even when refused: the same mistake is said once, loudly, and not every second.
        var reading = _read();
        (_references, _known, _changing) = (reading.References, reading.Content, null);
        return Take(reading);
    }

    private Reload Take(FeatureFileReading reading)
    {
        var findings = reading.Findings.ToList();
        if (reading.File is { } valid)
            findings.AddRange(_refusals(valid).Select(reason => Finding.Error("cannot-serve", reason, new Place(_path, 1, 1))));

        var taken = findings.TrueForAll(finding => finding.Severity is not Severity.Error) ? reading.File : null;
        var reload = new Reload(_time.GetUtcNow(), taken is not null, findings);
        if (taken is null)
            Refuse(reload);
        else
            Welcome(taken);
        _catalog.Tell(reload, taken);
        return reload;
    }

    private void Refuse(Reload reload)
    {
        var said = new StringBuilder();
        foreach (var finding in reload.Findings)
            said.AppendLine().Append("  ").Append(finding);
        _log.LogError("The changed feature file {File} is NOT in force, the one before it still is. Mend it and save again:{Findings}", _path, said.ToString());
    }

    private void Welcome(FeatureFile file)
    {
        _log.LogInformation("The changed feature file {File} is in force: {Features} features, {Models} models.", _path, file.Features.Count, file.Models.Count);
        if (file.Server with { Place = default } != _catalog.Current.Server with { Place = default })
            _log.LogWarning("The server section of {File} has changed; it takes effect at the next start.", _path);
    }
}
