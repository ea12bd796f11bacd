using Headway.Audit.Chain;
using Headway.Audit.Checkpoints;
using Headway.Audit.Proof;
using Headway.Audit.Retention;
using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Audit;

/// <summary>How the parts that keep the chain hang together.</summary>
internal sealed class AuditRooms : IDisposable
{
    // A node that stops chains what it told itself, and leaves to others what they go on telling.
    private const int PassesAtStop = 50;

    private readonly ILogger<AuditRooms> _logger;

    /// <param name="file">Where checkpoints are shipped; null: to the log alone.</param>
    /// <param name="keep">How long events are kept.</param>
    /// <param name="node">The name of this node.</param>
    public AuditRooms(Database database, KeySeal seal, string? file, TimeSpan keep, Func<string> node, ILoggerFactory logs)
    {
        _logger = logs.CreateLogger<AuditRooms>();
        Keys = new SigningKeys(database, seal);
        Sequencer = new ChainSequencer(database, logs.CreateLogger<ChainSequencer>());
        Checkpoints = new CheckpointMaker(database, Keys, file is null ? null : new CheckpointFile(file), logs.CreateLogger<CheckpointMaker>());
        Pruner = new AuditPruner(database, Keys, keep, node, logs.CreateLogger<AuditPruner>());
        Verifier = new ChainVerifier(database, Keys, database.Time.GetUtcNow());
        Export = new AuditExport(database, Keys, Sequencer, Checkpoints);
    }

    public SigningKeys Keys { get; }
    public ChainSequencer Sequencer { get; }
    public CheckpointMaker Checkpoints { get; }
    public AuditPruner Pruner { get; }
    public ChainVerifier Verifier { get; }
    public AuditExport Export { get; }

    /// <summary>At a clean stop, when nothing more is told: chains and signs it. What cannot be written is chained by the next node that starts.</summary>
    public async Task CloseAsync()
    {
        try
        {
            await Sequencer.ChainRestAsync(PassesAtStop).ConfigureAwait(false);
            await Checkpoints.RunOnceAsync(atOnce: true).ConfigureAwait(false);
        }
        catch (StorageException error)
        {
            _logger.LogWarning("The end of the audit chain is not signed; the next node that starts does so: {Reason}", error.Message);
        }
    }

    public void Dispose() => Keys.Dispose();
}
