using Headway.Storage;

namespace Headway.Audit.Chain;

/// <summary>Where the chain ends.</summary>
/// <param name="Seq">Of the last link; 0: there is none.</param>
internal readonly record struct ChainHead(long Seq, byte[] Hash)
{
    private static readonly Sql Find = Sql.At("Audit/Chain/ChainHead");

    /// <summary>Whoever changes the chain, on any node, does it alone.</summary>
    public static readonly Claim Claim = new("audit", "chain", OnEveryNode: true);

    public static async ValueTask<ChainHead> ReadAsync(Session session)
    {
        using var head = session.Use(Find);
        return await head.StepAsync().ConfigureAwait(false) ? new ChainHead(head.Int64(0), head.Blob(1)!) : new ChainHead(0, LinkHash.Origin);
    }
}
