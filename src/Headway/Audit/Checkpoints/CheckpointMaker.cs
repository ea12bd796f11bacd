using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Audit.Checkpoints;

/// <summary>Makes checkpoints, and ships them outside: to the log, and to a file where the feature file names one.</summary>
/// <param name="file">Null: none is named.</param>
internal sealed class CheckpointMaker(Database database, SigningKeys keys, CheckpointFile? file, ILogger<CheckpointMaker> logger)
{
    /// <summary>How long the end of the chain may go unsigned.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    // Nodes do not tick alike: a beat that comes a little early is not left out.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(10);

    private const int Page = 500;
    private static readonly Sql From = Sql.At("Audit/Checkpoints/CheckpointsFrom");
    private static readonly Sql Newest = Sql.At("Audit/Checkpoints/LastCheckpoint");
    private static readonly Sql HashAt = Sql.At("Audit/Proof/HashAt");

    private bool _compared;

    // The newest that this node has seen.
    private Checkpoint? _seen;

    public CheckpointFile? File => file;

    /// <param name="atOnce">Whatever was signed within the minute.</param>
    /// <returns>What was signed; null: nothing new was told, or another node has signed.</returns>
    public async Task<Checkpoint?> RunOnceAsync(bool atOnce = false)
    {
        var key = await keys.NewestAsync().ConfigureAwait(false);
        if (!_compared && file is not null) await CompareAsync(key.Chain).ConfigureAwait(false);
        if (_seen is not null && await IsRewrittenAsync(_seen).ConfigureAwait(false))
        {
            // A signature would make good what somebody did.
            logger.LogError("The audit chain was changed by hand: link {Seq} is not the one that was signed at {At}. Nothing is signed by this node until it is started again. Run `headway audit verify`", _seen.Seq, _seen.At);
            return null;
        }
        var now = database.Time.GetUtcNow();
        var made = await database.WriteAsync(new SignCheckpoint(key, atOnce ? long.MaxValue : (now - Every + Slack).ToUnixTimeMilliseconds(), now)).ConfigureAwait(false);
        if (made is not null) logger.LogInformation("Audit checkpoint {Line}", made.ToLine());
        if (_compared) await ShipAsync(key.Chain).ConfigureAwait(false);
        _seen = made ?? await NewestAsync(key.Chain).ConfigureAwait(false) ?? _seen;
        return made;
    }

    /// <summary>Null: nothing was signed yet.</summary>
    public ValueTask<Checkpoint?> NewestAsync(JobId chain) => database.ReadAsync(async session =>
    {
        using var newest = session.Use(Newest);
        return await newest.StepAsync().ConfigureAwait(false) ? Checkpoint.Read(newest, chain) : null;
    });

    private ValueTask<bool> IsRewrittenAsync(Checkpoint seen) => database.ReadAsync(async session =>
    {
        if (await Retention.Segment.ReadAsync(session).ConfigureAwait(false) is { } dropped && dropped.Last > seen.Seq) return false;
        using var hash = session.Use(HashAt).Bind(1, seen.Seq);
        return !await hash.StepAsync().ConfigureAwait(false) || !hash.Bytes(0).SequenceEqual(seen.Hash);
    });

    /// <summary>Checkpoints from a link on, in their order.</summary>
    public static ValueTask<List<Checkpoint>> ReadAsync(Database database, JobId chain, long from, int most) => database.ReadAsync(async session =>
    {
        var found = new List<Checkpoint>();
        using var read = session.Use(From).Bind(1, from).Bind(2, most);
        while (await read.StepAsync().ConfigureAwait(false)) found.Add(Checkpoint.Read(read, chain));
        return found;
    });

    private async Task ShipAsync(JobId chain)
    {
        try
        {
            List<Checkpoint> next;
            do
            {
                var (last, isBroken) = file!.End();
                // Behind a break the newest is enough to begin with: it proves all that came before it.
                var from = last is not null && last.Chain == chain ? last.Seq + 1 : isBroken ? (await NewestAsync(chain).ConfigureAwait(false))?.Seq ?? 0 : 0;
                next = await ReadAsync(database, chain, from, Page).ConfigureAwait(false);
                if (next.Count > 0) file.Append(next);
            }
            while (next.Count == Page);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            logger.LogError("Checkpoints cannot be shipped to {File}, and are shipped as soon as they can: {Reason}", file!.Path, error.Message);
        }
    }

    // Once, at the start: a database that lacks what was shipped is an older copy, or somebody else's work.
    private async Task CompareAsync(JobId chain)
    {
        Checkpoint? shipped;
        try
        {
            shipped = file!.Last();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            logger.LogError("{File} cannot be read: {Reason}", file!.Path, error.Message);
            return;
        }
        if (shipped is null || (shipped.Chain == chain && await database.ReadAsync(Retention.Segment.ReadAsync).ConfigureAwait(false) is { } dropped && dropped.Last > shipped.Seq))
        {
            // Nothing to compare: what was shipped last may have been dropped by retention since.
            _compared = true;
            return;
        }
        var here = (await ReadAsync(database, chain, shipped.Seq, 1).ConfigureAwait(false)).Find(found => found.Seq == shipped.Seq);
        if (shipped.Chain != chain)
        {
            logger.LogError("{File} holds checkpoints of another database. Name a file of its own in server.audit.checkpoints", file.Path);
        }
        else if (here is null || !here.Hash.AsSpan().SequenceEqual(shipped.Hash))
        {
            logger.LogError("The audit chain of this database is not the one that was shipped up to link {Seq} at {At}: it was restored from an older copy, or changed by hand. A line in the file says so, and what is signed from now on follows it. Run `headway audit verify --checkpoints {File}`", shipped.Seq, shipped.At, file.Path);
            if (!TryTellBreak(new ChainBreak(chain, shipped.Seq, database.Time.GetUtcNow()))) return;
        }
        _compared = true;
    }

    // Before anything is shipped behind it: until the file takes the line, nothing is.
    private bool TryTellBreak(ChainBreak broken)
    {
        try
        {
            file!.Append(broken);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            logger.LogError("Checkpoints cannot be shipped to {File}, and are shipped as soon as they can: {Reason}", file!.Path, error.Message);
            return false;
        }
    }
}
