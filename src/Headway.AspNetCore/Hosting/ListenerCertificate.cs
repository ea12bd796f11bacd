using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Headway.AspNetCore.Hosting;

/// <summary>The certificate that the listener shows, with its intermediates, from PEM files that somebody renews: what they hold now is shown to the next connection.</summary>
/// <remarks>Files are looked at with a connection, at most once a second; nothing watches them. While they hold half of a change, or nonsense, the former certificate is shown.</remarks>
internal sealed class ListenerCertificate
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    // Whoever renews by hand still can.
    private static readonly TimeSpan EndsSoon = TimeSpan.FromDays(14);

    private readonly string _certificate;
    private readonly string _key;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private Shown _shown;
    private long _looked;
    private (Stamp Certificate, Stamp Key) _refused;

    private ListenerCertificate(string certificate, string key, TimeProvider time, ILogger logger)
    {
        (_certificate, _key, _time, _logger) = (certificate, key, time, logger);
        (_looked, _shown) = (time.GetTimestamp(), Read(Written()));
    }

    private sealed record Shown(SslStreamCertificateContext Context, (Stamp Certificate, Stamp Key) Written);

    /// <param name="certificate">Path of the certificate in PEM, intermediates after it.</param>
    /// <param name="key">Path of its private key in PEM.</param>
    /// <exception cref="HeadwayStartException">The files cannot be read, or do not belong together.</exception>
    public static ListenerCertificate Open(string certificate, string key, TimeProvider time, ILogger logger)
    {
        try
        {
            return new ListenerCertificate(certificate, key, time, logger);
        }
        catch (Exception wrong) when (IsOfTheFiles(wrong))
        {
            throw new HeadwayStartException($"There is no certificate to listen with in {certificate} and {key} (`server.tls` in the feature file): {wrong.Message}");
        }
    }

    public SslStreamCertificateContext Context
    {
        get
        {
            lock (_gate)
            {
                if (_time.GetElapsedTime(_looked) >= LookAgain) Look();
                return _shown.Context;
            }
        }
    }

    private void Look()
    {
        _looked = _time.GetTimestamp();
        var written = Written();
        if (written == _shown.Written || written == _refused) return;
        try
        {
            _shown = Read(written);
            _logger.LogInformation("The listener shows the certificate that {Certificate} holds now, good until {Until:u}", _certificate, _shown.Context.TargetCertificate.NotAfter);
        }
        catch (Exception wrong) when (IsOfTheFiles(wrong))
        {
            _refused = written;
            _logger.LogError("The listener goes on with its former certificate, because what {Certificate} and {Key} hold is none: {Reason}", _certificate, _key, wrong.Message);
        }
    }

    /// <summary>Which file it is in the end, and when that was written: where secrets are mounted, links are changed and not files.</summary>
    private readonly record struct Stamp(string Path, DateTime Written);

    private (Stamp, Stamp) Written() => (StampOf(_certificate), StampOf(_key));

    private static Stamp StampOf(string path)
    {
        var last = Path.GetFullPath(path);
        last = Resolved(last);
        // Of a link to a link each step is taken by itself, because a folder between them may be one.
        for (var steps = 0; steps < 16 && File.ResolveLinkTarget(last, returnFinalTarget: false) is { } next; steps++) last = Resolved(next.FullName);
        return new Stamp(last, File.GetLastWriteTimeUtc(last));
    }

    private static string Resolved(string path) => Path.GetDirectoryName(path) is { } folder && Directory.ResolveLinkTarget(folder, returnFinalTarget: true) is { } target ? Path.Combine(target.FullName, Path.GetFileName(path)) : path;

    private Shown Read((Stamp, Stamp) written)
    {
        var leaf = X509Certificate2.CreateFromPemFile(_certificate, _key);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(_certificate);
        var left = leaf.NotAfter.ToUniversalTime() - _time.GetUtcNow().UtcDateTime;
        if (left < EndsSoon) _logger.LogWarning("The certificate in {Certificate} is good until {Until:u}: renew it. A new one is shown without a restart.", _certificate, leaf.NotAfter);
        // Offline: what is in the file is what is shown.
        return new Shown(SslStreamCertificateContext.Create(leaf, chain, offline: true), written);
    }

    private static bool IsOfTheFiles(Exception wrong) => wrong is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;
}
