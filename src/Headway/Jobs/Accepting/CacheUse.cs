namespace Headway.Jobs.Accepting;

/// <summary>What a caller says about answers that were made before (Cache-Control of RFC 9111, of the request).</summary>
/// <param name="NoStore">Neither read nor kept.</param>
/// <param name="NoCache">Made anew, and kept.</param>
/// <param name="MaxAge">Not older than this; null: as the feature says.</param>
internal readonly record struct CacheWish(bool NoStore, bool NoCache, TimeSpan? MaxAge);

/// <summary>What the cache did for a call of a feature that has one.</summary>
/// <param name="Kind">Whence the answer came.</param>
/// <param name="Age">How old it is.</param>
/// <param name="Left">How long it may still be given.</param>
internal readonly record struct CacheUse(CacheUseKind Kind, TimeSpan Age, TimeSpan? Left);

/// <summary>Hit: from the cache. Joined: from an identical call that was under way. The others were made for this call.</summary>
internal enum CacheUseKind { Hit, Joined, Miss, AskedAnew, Bypassed }
