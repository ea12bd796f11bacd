using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Headway.AspNetCore.Tests.Access;

/// <summary>An OpenID Connect provider on a loopback port: its two documents, and tokens of every kind.</summary>
internal sealed class Issuer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<JsonObject> _published = [];

    private Issuer(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>How often its keys were asked for.</summary>
    public int Asked { get; private set; }

    public bool IsDown { get; set; }

    public RSA Rsa { get; private set; } = RSA.Create(2048);

    public ECDsa Ec { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static async Task<Issuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var issuer = new Issuer(app);
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer = issuer.Address, jwks_uri = issuer.Address + "/keys" }));
        app.MapGet("/keys", () =>
        {
            issuer.Asked++;
            return issuer.IsDown ? Results.StatusCode(500) : Results.Text(new JsonObject { ["keys"] = new JsonArray([.. issuer._published.Select(key => key.DeepClone())]) }.ToJsonString(), "application/json");
        });
        await app.StartAsync();
        issuer.Publish("rsa-1", issuer.Rsa);
        issuer.PublishEc("ec-1");
        return issuer;
    }

    public void Publish(string id, RSA key)
    {
        var parameters = key.ExportParameters(false);
        _published.Add(new JsonObject { ["kty"] = "RSA", ["use"] = "sig", ["kid"] = id, ["n"] = Base64Url.EncodeToString(parameters.Modulus), ["e"] = Base64Url.EncodeToString(parameters.Exponent) });
    }

    public void Publish(JsonObject key) => _published.Add(key);

    /// <summary>Another key from now on.</summary>
    public void Rotate(string id) => Publish(id, Rsa = RSA.Create(2048));

    private void PublishEc(string id)
    {
        var point = Ec.ExportParameters(false).Q;
        _published.Add(new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["kid"] = id, ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) });
    }

    /// <summary>The usual claims, some of them changed; null takes one away.</summary>
    public JsonObject Claims(DateTimeOffset now, params (string Name, JsonNode? Value)[] changed)
    {
        var claims = new JsonObject
        {
            ["iss"] = Address,
            ["aud"] = "headway",
            ["sub"] = "ada",
            ["exp"] = now.ToUnixTimeSeconds() + 600,
            ["nbf"] = now.ToUnixTimeSeconds() - 5,
            ["org"] = "a",
            ["realm_access"] = new JsonObject { ["roles"] = new JsonArray("app-user") },
        };
        foreach (var (name, value) in changed)
        {
            if (value is null) claims.Remove(name);
            else claims[name] = value;
        }

        return claims;
    }

    public string Token(JsonObject claims, string algorithm = "RS256", string? id = "rsa-1", string? type = "JWT", JsonObject? header = null)
    {
        var head = header ?? [];
        head["alg"] = algorithm;
        if (id is not null) head["kid"] = id;
        if (type is not null) head["typ"] = type;
        var said = $"{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(head))}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        return $"{said}.{Base64Url.EncodeToString(Sign(algorithm, Encoding.ASCII.GetBytes(said)))}";
    }

    private byte[] Sign(string algorithm, byte[] said) => algorithm switch
    {
        "RS256" => Rsa.SignData(said, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        "PS256" => Rsa.SignData(said, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
        "RS512" => Rsa.SignData(said, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1),
        "ES256" => Ec.SignData(said, HashAlgorithmName.SHA256),
        // Key confusion: the public key as everybody has it, taken for a shared secret.
        "HS256" => HMACSHA256.HashData(Encoding.ASCII.GetBytes(Rsa.ExportSubjectPublicKeyInfoPem()), said),
        _ => [],
    };

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
