using Headway.Jobs.Accepting;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Headway.AspNetCore.Features.Headers;

/// <summary>Reads `Cache-Control` of a request (RFC 9111, section 5.2.1): `no-store`, `no-cache`, `max-age` and `only-if-cached`. Other directives mean nothing here.</summary>
internal static class CacheWishes
{
    public static CacheWish Read(IHeaderDictionary headers)
    {
        var values = headers.CacheControl;
        if (values.Count == 0) return default;
        var text = values.Count == 1 ? values[0]! : string.Join(',', values.ToArray());
        // What cannot be read may have meant that the answer must be new.
        return CacheControlHeaderValue.TryParse(text, out var said) ? new CacheWish(said.NoStore, said.NoCache, said.MaxAge, said.OnlyIfCached) : new CacheWish(false, NoCache: true, null);
    }
}
