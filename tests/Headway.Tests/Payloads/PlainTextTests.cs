using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Headway.Payloads;
using Headway.Payloads.Files;

namespace Headway.Tests.Payloads;

/// <summary>Plants a marker in everything a caller may send and looks for it in every file beside the database.</summary>
public sealed class PlainTextTests : IAsyncLifetime
{
    private static readonly JobId Job = JobId.New(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly string _marker = "Marker" + RandomNumberGenerator.GetHexString(24);
    private readonly VaultDirectory _directory = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _directory.DisposeAsync();

    [Fact]
    public async Task What_callers_send_is_nowhere_on_disk_in_readable_form()
    {
        var vault = await _directory.OpenVaultAsync();
        var key = await vault.KeyAsync("default", _marker, CancellationToken.None);
        foreach (var kind in Enum.GetValues<PayloadKind>()) await KeepAsync(key.Seal(kind, Job, Encoding.UTF8.GetBytes($$"""{"text":"{{_marker}}"}""")));
        await KeepAsync(vault.SubjectMac("default", _marker));
        await KeepAsync(vault.Mac("default", "idempotency key", Encoding.UTF8.GetBytes(_marker)));
        await StoreFileAsync(vault, key);

        Found().ShouldBeEmpty("while the log is open");
        await _directory.CloseDatabaseAsync();
        Found().ShouldBeEmpty("after the database was closed");
    }

    [Fact]
    public async Task The_search_would_find_it_in_each_of_its_forms()
    {
        await _directory.OpenVaultAsync();
        Found().ShouldBeEmpty();

        foreach (var (form, bytes) in Forms().Append(("gzip", Compressed())))
        {
            await KeepAsync([.. "before "u8, .. bytes, .. " after"u8]);
            Found().ShouldContain(form);
            await _directory.CloseDatabaseAsync();
            Found().ShouldContain(form);
        }
    }

    private async Task StoreFileAsync(Vault vault, DataKey key)
    {
        var upload = new FileUpload { Tenant = "default", Job = Job, Key = key, Number = 1, Name = _marker, FileName = _marker + ".pdf", Most = 1 << 20 };
        using var content = new MemoryStream(Encoding.UTF8.GetBytes("%PDF-1.7\n" + string.Concat(Enumerable.Repeat(_marker, 10_000))));
        var stored = (await new FilePayloads(_directory.Database, vault).StoreAsync(upload, content, CancellationToken.None)).ShouldBeOfType<UploadOutcome.Stored>().File;
        // The digest of a file says which file it is.
        Found(("digest", stored.Sha256)).ShouldBeEmpty();
    }

    private Task<int> KeepAsync(byte[] bytes) => _directory.Database.WriteAsync(new Statements($"INSERT INTO payloads (body) VALUES (x'{Convert.ToHexString(bytes)}')"));

    private List<string> Found(params (string Form, byte[] Bytes)[] more)
    {
        // The lock file is held by its owner and has no content.
        var files = Directory.GetFiles(Path.GetDirectoryName(_directory.DatabaseFile)!).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)).ToList();
        files.ShouldContain(_directory.DatabaseFile);
        return [.. files.Select(Read).SelectMany(content => FoundIn(content, [.. Forms(), .. more])).Distinct()];
    }

    private IEnumerable<string> FoundIn(byte[] content, (string Form, byte[] Bytes)[] forms)
    {
        foreach (var (form, bytes) in forms)
        {
            if (content.AsSpan().IndexOf(bytes) >= 0) yield return form;
        }
        for (var start = 0; start < content.Length - 3; start++)
        {
            if (content[start] == 0x1F && content[start + 1] == 0x8B && content[start + 2] == 8 && Unzipped(content.AsSpan(start).ToArray()).Contains(_marker, StringComparison.Ordinal))
                yield return "gzip";
        }
    }

    private IEnumerable<(string Form, byte[] Bytes)> Forms()
    {
        var plain = Encoding.UTF8.GetBytes(_marker);
        yield return ("plain", plain);
        yield return ("UTF-16", Encoding.Unicode.GetBytes(_marker));
        yield return ("hex", Encoding.ASCII.GetBytes(Convert.ToHexString(plain)));
        // Base64 looks different at each of three offsets, and its ends depend on what is around it.
        for (var offset = 0; offset < 3; offset++)
        {
            var encoded = Convert.ToBase64String([.. new byte[offset], .. plain]);
            yield return ($"base64 at {offset}", Encoding.ASCII.GetBytes(encoded[4..^4]));
        }
    }

    private byte[] Compressed()
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true)) gzip.Write(Encoding.UTF8.GetBytes(new string('a', 50) + _marker + new string('b', 50)));
        return compressed.ToArray();
    }

    private static string Unzipped(byte[] content)
    {
        var plain = new byte[64 * 1024];
        try
        {
            using var gzip = new GZipStream(new MemoryStream(content), CompressionMode.Decompress);
            return Encoding.Latin1.GetString(plain, 0, gzip.ReadAtLeast(plain, plain.Length, throwOnEndOfStream: false));
        }
        catch (InvalidDataException)
        {
            return "";
        }
    }

    private static byte[] Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
