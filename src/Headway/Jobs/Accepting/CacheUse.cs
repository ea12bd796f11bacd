namespace Headway.Jobs.Accepting;

/// <summary>What a caller says about answers that were made before (Cache-Control of RFC 9111, of the request).</summary>
/// <param name="NoStore">Neither read nor kept.</param>
/// <param name="NoCache">Made anew, and kept.</param>
/// <param name="MaxAge">Not older than this; null: as the feature says.</param>
/// <param name="OnlyIfCached">Given again or refused: nothing is made for this call.</param>
internal readonly record struct CacheWish(bool NoStore, bool NoCache, TimeSpan? MaxAge, bool OnlyIfCached = false);

/// <summary>What the cache did for a call of a feature that has one.</summary>
/// <param name="Kind">Whence the answer came.</param>
internal readonly record struct CacheUse(CacheUseKind Kind)
{
    /// <summary>How old the answer is.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>How long it may still be given.</summary>
    public TimeSpan Left { get; init; }

    /// <summary>It was made for this call, and is kept for others.</summary>
    public bool Stored { get; init; }
}

/// <summary>Hit: from the cache. Joined: from an identical call that was under way. The others were made for this call.</summary>
internal enum CacheUseKind { Hit, Joined, Miss, AskedAnew, Bypassed }
