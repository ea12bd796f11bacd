using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Headway.Features;

namespace Headway.Delivery.Sending;

/// <summary>Signs what is posted, so that a receiver knows who sent it, and when.</summary>
/// <remarks>Source: Standard Webhooks 1.0, "Signature scheme": HMAC-SHA256 over `id.timestamp.body`, one for each secret with a space between.</remarks>
internal static class WebhookSignature
{
    private const string Version = "v1,";

    /// <summary>The value of `webhook-signature`. Null: there is no secret to sign with.</summary>
    /// <param name="timestamp">Seconds since 1970.</param>
    public static string? Of(IReadOnlyList<string> secrets, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        if (secrets.Count == 0) return null;
        byte[] signed = [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")), .. body];
        return string.Join(' ', secrets.Select(secret => Version + Convert.ToBase64String(HMACSHA256.HashData(KeyOf(secret), signed))));
    }

    /// <summary>Tells one address and set of secrets from another; says nothing about them.</summary>
    public static byte[] Print(EndpointDefinition endpoint)
    {
        using var print = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, endpoint.Secrets.Count == 0 ? [] : KeyOf(endpoint.Secrets[0]));
        print.AppendData(Encoding.UTF8.GetBytes(endpoint.Webhook.AbsoluteUri));
        foreach (var secret in endpoint.Secrets) print.AppendData(Encoding.UTF8.GetBytes("\n" + secret));
        return print.GetHashAndReset()[..16];
    }

    private static byte[] KeyOf(string secret) => secret.StartsWith(EndpointDefinition.EncodedSecret, StringComparison.Ordinal)
        ? Convert.FromBase64String(secret[EndpointDefinition.EncodedSecret.Length..])
        : Encoding.UTF8.GetBytes(secret);
}
