using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.Cli;

/// <summary>`headway serve` on https, with certificates that somebody renews.</summary>
public sealed class TlsTests : IDisposable
{
    private const string Features = """
        server: { tls: { certificate: tls.crt, key: tls.key } }
        models: { practice: { provider: rehearsal, allowedData: [public, internal] } }
        features:
          summary: { contract: { mode: sync, caller: waits, acceptableWait: 5s }, handler: { prompt: summary.hbs, models: [practice] }, fallback: none }
        """;

    private const string InTheClear = """
        models: { practice: { provider: rehearsal } }
        features:
          summary: { contract: { mode: sync, caller: waits, acceptableWait: 5s }, handler: { prompt: summary.hbs, models: [practice] }, fallback: none }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("headway-tls-").FullName;

    private string File(string name) => Path.Combine(_folder, name);

    [Fact]
    public async Task A_renewed_certificate_is_shown_to_the_next_connection_with_its_intermediates()
    {
        using var authority = Authority("Headway test root");
        using var between = Issue(authority, "Headway test intermediate", isAuthority: true);
        var first = await WriteAsync(between);
        await using var served = await ServedAsync();

        (await ShownAsync(served.Address, authority)).ShouldBe(first);

        var second = await WriteAsync(between);
        second.ShouldNotBe(first);
        await Until.IsSoAsync(async () => await ShownAsync(served.Address, authority) == second);

        // Half of a change, or nonsense, takes nothing away.
        await System.IO.File.WriteAllTextAsync(File("tls.crt"), "-----BEGIN CERTIFICATE-----\nnonsense\n");
        using var later = new PeriodicTimer(TimeSpan.FromMilliseconds(1_100));
        await later.WaitForNextTickAsync(CancellationToken.None);
        (await ShownAsync(served.Address, authority)).ShouldBe(second);
    }

    /// <summary>As secrets are mounted: what is named is a link through a link, and only the one in between is changed.</summary>
    [Fact]
    public async Task A_certificate_that_is_renewed_behind_links_is_shown_too()
    {
        using var authority = Authority("Headway test root");
        var (one, two) = (Directory.CreateDirectory(File("..one")).FullName, Directory.CreateDirectory(File("..two")).FullName);
        var first = await WriteAsync(authority, one);
        Directory.CreateSymbolicLink(File("..data"), "..one");
        foreach (var name in new[] { "tls.crt", "tls.key" }) System.IO.File.CreateSymbolicLink(File(name), Path.Combine("..data", name));
        await using var served = await ServedAsync();
        (await ShownAsync(served.Address, authority)).ShouldBe(first);

        var second = await WriteAsync(authority, two);
        Directory.CreateSymbolicLink(File("..next"), "..two");
        Directory.Delete(File("..data"));
        Directory.Move(File("..next"), File("..data"));

        await Until.IsSoAsync(async () => await ShownAsync(served.Address, authority) == second);
    }

    [Theory]
    [InlineData("https://127.0.0.1:0", Features, "There is no certificate to listen with in ")]
    [InlineData("http://127.0.0.1:0", Features, "nothing listens on https")]
    [InlineData("https://127.0.0.1:0", InTheClear, "needs a certificate")]
    public async Task What_does_not_fit_together_is_refused_before_it_listens(string listen, string features, string refusal)
    {
        await WriteAsync(features);

        var serve = await CommandLine.RunAsync(["serve", "--file", File("headway.yaml"), "--listen", listen]);

        serve.Code.ShouldBe(4);
        serve.Error.ShouldContain(refusal);
        serve.Error.ShouldNotContain("   at ");
    }

    private async Task WriteAsync(string features)
    {
        await System.IO.File.WriteAllTextAsync(File("summary.hbs"), "Summarise: {{text}}");
        await System.IO.File.WriteAllTextAsync(File("headway.yaml"), features);
    }

    private async Task<ServedProgram> ServedAsync()
    {
        await WriteAsync(Features);
        return await ServedProgram.StartAsync($"serve --file {File("headway.yaml")} --listen https://127.0.0.1:0");
    }

    /// <summary>The thumbprint of what the listener shows, whose chain must lead to the authority by what it sends.</summary>
    private static async Task<string> ShownAsync(Uri address, X509Certificate2 authority)
    {
        var thumbprint = "";
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck },
                RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                {
                    thumbprint = ((X509Certificate2)certificate!).Thumbprint;
                    return errors is SslPolicyErrors.None;
                },
            },
        };
        using var http = new HttpClient(handler) { BaseAddress = address };
        (await http.GetAsync("/health/live")).EnsureSuccessStatusCode();
        return thumbprint;
    }

    private async Task<string> WriteAsync(X509Certificate2 issuer, string? folder = null)
    {
        using var leaf = Issue(issuer, "127.0.0.1", isAuthority: false);
        // The key first: between the two the pair does not fit, and the former stays.
        await System.IO.File.WriteAllTextAsync(Path.Combine(folder ?? _folder, "tls.key"), leaf.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        await System.IO.File.WriteAllTextAsync(Path.Combine(folder ?? _folder, "tls.crt"), leaf.ExportCertificatePem() + "\n" + issuer.ExportCertificatePem() + "\n");
        return leaf.Thumbprint;
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(100));
    }

    private static X509Certificate2 Issue(X509Certificate2 issuer, string name, bool isAuthority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        if (!isAuthority)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(System.Net.IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
        }
        using var certificate = request.Create(issuer, issuer.NotBefore, issuer.NotAfter.AddSeconds(-1), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
