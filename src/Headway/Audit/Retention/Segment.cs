using System.Globalization;
using System.Text;
using Headway.Audit.Checkpoints;
using Headway.Storage;

namespace Headway.Audit.Retention;

/// <summary>The end of what retention dropped, signed when it was: the chain begins after it.</summary>
/// <param name="Keep">How long events were kept then.</param>
internal sealed record Segment(long Last, byte[] Hash, DateTimeOffset At, TimeSpan Keep, JobId Key, byte[] Signature)
{
    private static readonly Sql Find = Sql.At("Audit/Retention/LastSegment");

    public static byte[] Words(JobId chain, long last, ReadOnlySpan<byte> hash, DateTimeOffset at, TimeSpan keep) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"headway audit segment\n1\n{chain.Value:N}\n{last}\n{Convert.ToHexStringLower(hash)}\n{at.ToUnixTimeMilliseconds()}\n{(long)keep.TotalMilliseconds}\n"));

    public static async ValueTask<Segment?> ReadAsync(Session session)
    {
        using var row = session.Use(Find);
        return await row.StepAsync().ConfigureAwait(false) ? new Segment(row.Int64(0), row.Blob(1)!, row.Time(2), TimeSpan.FromMilliseconds(row.Int64(3)), row.JobId(4), row.Blob(5)!) : null;
    }

    public ValueTask<bool> IsSignedAsync(SigningKeys keys, JobId chain) => keys.VerifyAsync(Key, Words(chain, Last, Hash, At, Keep), Signature);
}
