using Headway.Features;
using Headway.Payloads;
using Headway.Storage;

namespace Headway.Caching;

/// <summary>Finds answers that may be given again.</summary>
/// <remarks>
/// Invariant: an answer is given only to the tenant, the subject, the definition and the models it was made for, and not once it has expired. The first
/// four are in its key; the last is asked of the row, by the clock of the database, each time.
/// </remarks>
internal sealed class AnswerCache(Database database, Vault vault, Func<FeatureFile> file)
{
    /// <summary>Where the answer of such a call lies as the models are now; null: nowhere.</summary>
    /// <param name="input">See <see cref="CacheKey.OfInput"/>; null: the caller wants none and leaves none.</param>
    public byte[]? KeyOf(FeatureVersion version, byte[]? input) => input is null || version.Cache is null ? null : CacheKey.Of(input, ModelPrint.Of(version.Handler, file().Models));

    /// <summary>Where an answer may be kept that was begun when its key was this one; null: nowhere, because the models were changed meanwhile and nobody knows which of them answered.</summary>
    public byte[]? StillKeyOf(FeatureVersion version, byte[]? input, byte[]? begun) => begun is not null && KeyOf(version, input) is { } now && now.AsSpan().SequenceEqual(begun) ? begun : null;

    /// <param name="since">Only one that was made then or later, in milliseconds since 1970.</param>
    public GivenAnswer? Find(string tenant, byte[] key, long since)
    {
        var now = database.Now;
        if (database.Read(session => CachedAnswers.FindAsync(session, tenant, key, now, since)) is not { } kept) return null;
        try
        {
            return new GivenAnswer(vault.Open(tenant, PayloadKind.Result, kept.Job, kept.Body), kept.MediaType, kept.Model, kept.Pieces, kept.Job, kept.Created, kept.Expires);
        }
        catch (UnreadablePayloadException)
        {
            // Its subject's key is gone, or the row is damaged: it is made anew, and takes the place of this one.
            return null;
        }
    }

    /// <summary>Who made the answer that is kept, when, and until when it may be given; null: none is kept.</summary>
    public (JobId Job, long Created, long Expires)? Kept(string tenant, byte[] key)
    {
        var now = database.Now;
        return database.Read(session => CachedAnswers.FindAsync(session, tenant, key, now, 0)) is { } kept ? (kept.Job, kept.Created, kept.Expires) : null;
    }
}

/// <summary>An answer that was made for another call, open. Times are milliseconds since 1970.</summary>
internal sealed record GivenAnswer(ReadOnlyMemory<byte> Body, string MediaType, string? Model, AnswerPieces Pieces, JobId Job, long Created, long Expires);
