using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.Features;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Headway.AspNetCore.Access;

/// <summary>Reads tokens (JWT, RFC 7519) of the issuer that the feature file names.</summary>
/// <remarks>
/// Signed, with one of the algorithms that are allowed, by a key of the issuer; made by it, for this server, and not over. What was found good is remembered for a minute at most,
/// and no longer than the keys and the feature file that it was held against: checking a signature costs as much as a small call.
/// </remarks>
internal sealed class Tokens(NodeClock time, ILoggerFactory logs) : IDisposable
{
    private const int MostRemembered = 4_096;
    private const int LongestSubject = 200;
    private const int LargestAnswer = 1 << 20;
    private static readonly TimeSpan RememberedFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan IssuerTimeout = TimeSpan.FromSeconds(10);
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = Entrance.LongestToken };

    // No redirect is followed: it would lead where nobody has looked whether it is https.
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = IssuerTimeout, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = IssuerTimeout, MaxResponseContentBufferSize = LargestAnswer };
    private readonly ConcurrentDictionary<string, Remembered> _remembered = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private (IssuerOptions Options, IssuerKeys Keys)? _issuer;

    public async ValueTask<(Caller? Caller, Problem? Problem)> ReadAsync(string text, IssuerOptions issuer, string? address, CancellationToken left)
    {
        var (options, keys) = Of(issuer);
        var print = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        var now = time.GetUtcNow();
        if (_remembered.TryGetValue(print, out var known) && known.Until > now && ReferenceEquals(known.Issuer, options) && ReferenceEquals(known.Keys, keys.Known)) return (known.Caller with { Address = address }, null);
        if (Open(text) is not { } token) return Invalid("It is no signed JSON Web Token.");
        if (!options.Algorithms.Contains(token.Alg, StringComparer.Ordinal)) return Invalid($"It is signed with {Phrases.Quote(token.Alg ?? "nothing")}, and {string.Join(", ", options.Algorithms)} are taken (server.auth.algorithms).");
        var signers = await keys.FindAsync(string.IsNullOrEmpty(token.Kid) ? null : token.Kid, token.Alg, left);
        if (signers is null) return (null, new Problem(ProblemKind.IssuerUnavailable, $"The keys of {options.IssuerText} cannot be fetched, so no token can be checked. Keys of this server (hw_…) count all the same.") { RetryAfter = TimeSpan.FromSeconds(20) });
        if (signers.Count == 0) return Invalid($"{options.IssuerText} has no key {Phrases.Quote(token.Kid ?? "")} for {token.Alg}.");
        var result = await _handler.ValidateTokenAsync(token, Parameters(options, signers));
        if (!result.IsValid) return Invalid(WhyNot(result.Exception, options));
        var (caller, problem) = CallerOf(token, options);
        if (caller is null) return (null, problem);
        Remember(print, new Remembered(caller, options, keys.Known, Earlier(now + RememberedFor, new DateTimeOffset(token.ValidTo, TimeSpan.Zero) + options.ClockSkew)));
        return (caller with { Address = address }, null);
    }

    // A reload of the feature file makes the options anew; the keys are kept where the issuer is the same.
    private (IssuerOptions Options, IssuerKeys Keys) Of(IssuerOptions issuer)
    {
        lock (_gate)
        {
            if (_issuer is { } now && ReferenceEquals(now.Options, issuer)) return now;
            var keys = _issuer is { } before && before.Options.IssuerText == issuer.IssuerText && before.Options.JwksUrl == issuer.JwksUrl ? before.Keys : new IssuerKeys(issuer, _http, time, logs.CreateLogger<IssuerKeys>());
            return (_issuer = (issuer, keys)).Value;
        }
    }

    /// <summary>Null: it is none, is sealed, is of another kind, or asks for what we do not know.</summary>
    private JsonWebToken? Open(string text)
    {
        try
        {
            if (text.Count('.') != 2) return null;
            var token = _handler.ReadJsonWebToken(text);
            if (token.IsEncrypted || token.TryGetHeaderValue<object>("crit", out _)) return null;
            // RFC 9068 has a type of its own; tokens that log somebody out, or prove possession, have others, and are no way in.
            return token.Typ is null or "" || token.Typ.Equals("JWT", StringComparison.OrdinalIgnoreCase) || token.Typ.Equals("at+jwt", StringComparison.OrdinalIgnoreCase) || token.Typ.Equals("application/at+jwt", StringComparison.OrdinalIgnoreCase) ? token : null;
        }
#pragma warning disable CA1031 // Whatever is broken about it, it is no token.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    private TokenValidationParameters Parameters(IssuerOptions options, IReadOnlyList<SecurityKey> signers) => new()
    {
        ValidIssuer = options.IssuerText,
        ValidAudiences = options.Audiences,
        ValidAlgorithms = options.Algorithms,
        IssuerSigningKeys = signers,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        RequireAudience = true,
        ValidateIssuerSigningKey = true,
        // By our clock, which is the database's.
        LifetimeValidator = (from, to, _, _) => to is { } end && time.GetUtcNow() < Utc(end) + options.ClockSkew && (from is not { } start || time.GetUtcNow() >= Utc(start) - options.ClockSkew),
    };

    private static DateTimeOffset Utc(DateTime moment) => new(DateTime.SpecifyKind(moment, DateTimeKind.Utc));

    private static string WhyNot(Exception? error, IssuerOptions options) => error switch
    {
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException or SecurityTokenNoExpirationException => "Its time is over, has not come, or is not said (exp, nbf). Get a new one.",
        SecurityTokenInvalidAudienceException => $"It is made for somebody else: `aud` must be {string.Join(" or ", options.Audiences)} (server.auth.audience).",
        SecurityTokenInvalidIssuerException => $"It is made by somebody else: `iss` must be {options.IssuerText} (server.auth.issuer).",
        _ => "Its signature is not the issuer's.",
    };

    private static (Caller? Caller, Problem? Problem) CallerOf(JsonWebToken token, IssuerOptions options)
    {
        JsonDocument payload;
        try
        {
            payload = JsonDocument.Parse(Base64Url.DecodeFromChars(token.EncodedPayload), Strict);
        }
        catch (Exception error) when (error is JsonException or FormatException)
        {
            return Invalid("What it says cannot be read.");
        }

        using var document = payload;
        var claims = document.RootElement;
        if (TextsOf(claims, "sub", whole: true) is not [{ Length: > 0 and <= LongestSubject } subject] || subject.Any(char.IsControl)) return Invalid($"`sub` must say whose it is, in at most {LongestSubject} characters.");
        var tenant = options.TenantClaim is { } claim ? TextsOf(claims, claim, whole: true) is [var named] && TenantNames.Is(named) ? named : null : options.Tenant;
        if (tenant is null) return Invalid($"The claim {options.TenantClaim} must name the tenant: {TenantNames.Rule} (server.auth.tenantClaim).");
        var values = TextsOf(claims, options.RolesClaim, whole: false);
        var roles = Roles.None;
        foreach (var word in RoleWords.All)
        {
            if (options.Roles is { } mapped ? mapped[word].Any(values.Contains) : values.Contains(word)) roles |= RoleWords.Read(word);
        }

        return (new Caller(tenant, "user/" + subject, null) { Roles = roles, Everywhere = options.AllTenants.Any(values.Contains) }, null);
    }

    /// <summary>What a claim says: by its whole name, which may have dots, or as a path into objects.</summary>
    /// <param name="whole">A text is one value, and not several with spaces.</param>
    private static string[] TextsOf(JsonElement claims, string name, bool whole)
    {
        var value = claims;
        if (claims.ValueKind is not JsonValueKind.Object) return [];
        if (!claims.TryGetProperty(name, out value))
        {
            value = claims;
            foreach (var part in name.Split('.'))
            {
                if (value.ValueKind is not JsonValueKind.Object || !value.TryGetProperty(part, out value)) return [];
            }
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => whole ? [value.GetString()!] : value.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            JsonValueKind.Array => [.. value.EnumerateArray().Where(item => item.ValueKind is JsonValueKind.String).Select(item => item.GetString()!)],
            _ => [],
        };
    }

    private void Remember(string print, Remembered found)
    {
        // Full: those who still come are checked once more.
        if (_remembered.Count >= MostRemembered) _remembered.Clear();
        _remembered[print] = found;
    }

    private static (Caller?, Problem?) Invalid(string why) => (null, new Problem(ProblemKind.TokenInvalid, $"The token is not taken. {why}"));

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    public void Dispose() => _http.Dispose();

    private sealed record Remembered(Caller Caller, IssuerOptions Issuer, object? Keys, DateTimeOffset Until);
}
