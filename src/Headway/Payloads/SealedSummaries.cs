using System.Text;
using Headway.Features;

namespace Headway.Payloads;

/// <summary>Summaries that are not stored here but carried by their callers: nobody else can read them, and nobody can make or change one.</summary>
/// <remarks>`job (16) | envelope`, and in the envelope the class of the data and the text. The envelope is bound to its tenant and its job as any other, and
/// its key is that of the job's subject: with the key, every summary of that subject is gone, wherever it is kept.</remarks>
internal sealed class SealedSummaries(Vault vault)
{
    private const int JobLength = 16;

    public async Task<byte[]> SealAsync(string tenant, string? subject, JobId job, DataClass data, string text, CancellationToken stop)
    {
        var key = await vault.KeyAsync(tenant, subject, stop).ConfigureAwait(false);
        return [.. job.ToBytes(), .. key.Seal(PayloadKind.Summary, job, [(byte)data, .. Encoding.UTF8.GetBytes(text)])];
    }

    /// <summary>Null: it was not made here for this tenant, was altered, or its key is gone.</summary>
    public async Task<Summary?> OpenAsync(string tenant, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length <= JobLength) return null;
        await vault.ReadyAsync(tenant).ConfigureAwait(false);
        try
        {
            var plain = vault.Open(tenant, PayloadKind.Summary, new JobId(new Guid(bytes.Span[..JobLength], bigEndian: true)), bytes.Span[JobLength..]);
            return new Summary((DataClass)plain[0], Encoding.UTF8.GetString(plain.AsSpan(1)));
        }
        catch (UnreadablePayloadException)
        {
            return null;
        }
    }
}

/// <param name="Data">The class of what it sums up.</param>
internal sealed record Summary(DataClass Data, string Text);
