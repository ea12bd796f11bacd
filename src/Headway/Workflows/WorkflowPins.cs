using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Workflows;

/// <summary>With which version of their code workflows are begun, where people have said so; known a second late at most.</summary>
internal sealed partial class WorkflowPins(Database database, ILogger<WorkflowPins> logger)
{
    // Read anew no more often than this, in milliseconds.
    private const long Holds = 1_000;

    private static readonly Sql Read = Sql.At("Workflows/Storage/ReadPins");

    private readonly Lock _gate = new();
    private Dictionary<string, int> _pins = [];
    private long _read;
    private long _told;

    /// <summary>Null: nobody has said.</summary>
    public int? Of(string feature) => All().TryGetValue(feature, out var version) ? version : null;

    public IReadOnlyDictionary<string, int> All()
    {
        lock (_gate)
        {
            var now = database.Now;
            if (_read != 0 && now - _read < Holds) return _pins;
            (_pins, _read) = (database.Read(ReadAsync), now);
            return _pins;
        }
    }

    /// <summary>Somebody has said something else.</summary>
    public void Forget()
    {
        lock (_gate) _read = 0;
    }

    /// <summary>When it is looked again whether a node has the version: less and less often, up to some minutes, and not all at once. Whoever has it, or moves the job, says so.</summary>
    /// <param name="times">How often it was looked in vain.</param>
    public static TimeSpan LookAgain(int times, Random random) => TimeSpan.FromSeconds((1 << Math.Clamp(times, 1, 8)) * (1 + random.NextDouble()));

    /// <summary>Warns that a job's code is not here, once a minute.</summary>
    public void TellMissing(WorkflowVersions versions, int wanted, JobId job)
    {
        var now = database.Now;
        var told = Interlocked.Read(ref _told);
        if (now - told > 60_000 && Interlocked.CompareExchange(ref _told, now, told) == told) Missing(job, wanted, versions.Feature, string.Join(", ", versions.Numbers));
    }

    private static async ValueTask<Dictionary<string, int>> ReadAsync(Session session)
    {
        var pins = new Dictionary<string, int>(StringComparer.Ordinal);
        using var read = session.Use(Read);
        while (await read.StepAsync().ConfigureAwait(false)) pins[read.Text(0)!] = read.Int32(1);
        return pins;
    }

    [LoggerMessage(LogLevel.Warning, "{Job} waits for version {Version} of the workflow {Feature}, and this node has {Has}. Start a node that has it, or move its jobs: headway workflows move")]
    private partial void Missing(JobId job, int version, string feature, string has);
}
