using Headway.Audit.Chain;
using Headway.Storage;

namespace Headway.Audit.Checkpoints;

/// <summary>Signs the chain as it is, if there is something new to sign.</summary>
/// <param name="notAfter">Not if there is one that was made later than this, in milliseconds since 1970: of many nodes one signs.</param>
internal sealed class SignCheckpoint(SigningKey key, long notAfter, DateTimeOffset now) : Write<Checkpoint?>
{
    private static readonly Sql Last = Sql.At("Audit/Checkpoints/LastCheckpoint");
    private static readonly Sql Add = Sql.At("Audit/Checkpoints/AddCheckpoint");

    internal override IReadOnlyList<Claim> Claims => [ChainHead.Claim];

    internal override Writer Writer => Writer.Upkeep;

    protected override async ValueTask<Checkpoint?> ApplyAsync(Session session)
    {
        var head = await ChainHead.ReadAsync(session).ConfigureAwait(false);
        using (var last = session.Use(Last))
        {
            if (await last.StepAsync().ConfigureAwait(false) && (last.Int64(0) >= head.Seq || last.Int64(1) > notAfter)) return null;
        }
        if (head.Seq == 0) return null;
        // Whole milliseconds, as it is stored and signed.
        var at = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        var made = new Checkpoint(key.Chain, head.Seq, at, head.Hash, key.Id, key.Sign(Checkpoint.Words(key.Chain, head.Seq, at, head.Hash)));
        session.Use(Add).Bind(1, made.Seq).Bind(2, at.ToUnixTimeMilliseconds()).Bind(3, made.Hash).Bind(4, made.Key).Bind(5, made.Signature).Send();
        return made;
    }
}
