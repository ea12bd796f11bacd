using System.Text.Json;
using Headway.Features;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Headway.AspNetCore.Access;

/// <summary>The public keys of an issuer: fetched when the first token comes, again now and then, and when a token names one that is not among them, but not for every such token.</summary>
internal sealed partial class IssuerKeys(IssuerOptions issuer, HttpClient http, TimeProvider time, ILogger logger)
{
    // How long keys count as the present ones, and how long without a word of the issuer they are trusted all the same: a short failure of it is none of ours.
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);
    private static readonly TimeSpan Trusted = TimeSpan.FromHours(24);

    // Anybody can make up names of keys: the issuer is not asked for each.
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(20);

    // 2048 bits; shorter ones can be broken.
    private const int ShortestModulus = 256;

    private readonly Lock _gate = new();
    private Task? _fetching;
    private DateTimeOffset _tried = DateTimeOffset.MinValue;
    private volatile Keys? _known;

    /// <summary>The present ones; null: there are none yet.</summary>
    public object? Known => _known;

    /// <summary>Those that a token may be signed with. Null: the issuer cannot be reached.</summary>
    /// <param name="id">The key that the token names; null: none.</param>
    public async ValueTask<IReadOnlyList<SecurityKey>?> FindAsync(string? id, string algorithm, CancellationToken left)
    {
        var now = time.GetUtcNow();
        var known = _known;
        if (known is null || now - known.Fetched > Trusted || (id is not null && !known.Has(id)))
        {
            if (FetchUnlessJustTried(now) is { } fetching) await fetching.WaitAsync(left);
            known = _known;
        }
        else if (now - known.Fetched > Fresh)
        {
            // Nobody waits for it: those that are known are good.
            _ = FetchUnlessJustTried(now);
        }

        return known is null || now - known.Fetched > Trusted ? null : known.For(id, algorithm);
    }

    private Task? FetchUnlessJustTried(DateTimeOffset now)
    {
        lock (_gate)
        {
            if (_fetching is { IsCompleted: false }) return _fetching;
            if (now - _tried < Between) return null;
            _tried = now;
            return _fetching = FetchAsync();
        }
    }

    private async Task FetchAsync()
    {
        await Task.Yield();
        try
        {
            var address = issuer.JwksUrl ?? await DiscoverAsync();
            var set = new JsonWebKeySet(await http.GetStringAsync(address));
            _known = new Keys(time.GetUtcNow(), [.. set.Keys.Where(IsUsable)]);
        }
#pragma warning disable CA1031 // Whatever an issuer answers must not be told to callers as a bug of ours.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Unreachable(issuer.Issuer, error.Message);
        }
    }

    private async Task<Uri> DiscoverAsync()
    {
        using var document = JsonDocument.Parse(await http.GetStringAsync(new Uri(issuer.IssuerText.TrimEnd('/') + "/.well-known/openid-configuration")));
        var told = document.RootElement.GetProperty("issuer").GetString();
        if (told != issuer.IssuerText) throw new InvalidOperationException($"it says that it is {told}; write server.auth.issuer just like that");
        var address = new Uri(document.RootElement.GetProperty("jwks_uri").GetString()!);
        return address.Scheme == "https" || address.IsLoopback ? address : throw new InvalidOperationException($"its keys are at {address}, which is not https");
    }

    // A shared secret is no public key, whatever lists it; and one for sealing is not for signing.
    private static bool IsUsable(JsonWebKey key) => key.Use is null or "" or "sig"
        && (key.Kty == JsonWebAlgorithmsKeyTypes.EllipticCurve || (key.Kty == JsonWebAlgorithmsKeyTypes.RSA && key.N is { Length: > 0 } modulus && Base64UrlEncoder.DecodeBytes(modulus).Length >= ShortestModulus));

    private sealed record Keys(DateTimeOffset Fetched, IReadOnlyList<JsonWebKey> All)
    {
        public bool Has(string id) => All.Any(key => key.Kid == id);

        public IReadOnlyList<SecurityKey> For(string? id, string algorithm) =>
            [.. All.Where(key => (id is null || key.Kid == id) && (key.Alg is null or "" || key.Alg == algorithm) && key.Kty == (algorithm.StartsWith("ES", StringComparison.Ordinal) ? JsonWebAlgorithmsKeyTypes.EllipticCurve : JsonWebAlgorithmsKeyTypes.RSA))];
    }

    [LoggerMessage(LogLevel.Warning, "The keys of the issuer {Issuer} could not be fetched: {Reason}")]
    private partial void Unreachable(Uri issuer, string reason);
}
