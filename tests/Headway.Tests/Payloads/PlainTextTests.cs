using System.Text;
using Headway.Payloads;
using Headway.Payloads.Files;
using Headway.Tests.Storage;

namespace Headway.Tests.Payloads;

/// <summary>Plants a marker in everything a caller may send and looks for it in every file beside the database.</summary>
public sealed class PlainTextTests : IAsyncLifetime
{
    private static readonly JobId Job = JobId.New(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly MarkerSearch _search = new();
    private readonly VaultDirectory _directory = new();
    private int _kept;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _directory.DisposeAsync();

    [Fact]
    public async Task What_callers_send_is_nowhere_on_disk_in_readable_form()
    {
        var vault = await _directory.OpenVaultAsync();
        var key = await vault.KeyAsync("default", _search.Marker, CancellationToken.None);
        foreach (var kind in Enum.GetValues<PayloadKind>()) await KeepAsync(key.Seal(kind, Job, Encoding.UTF8.GetBytes($$"""{"text":"{{_search.Marker}}"}""")));
        await KeepAsync(vault.SubjectMac("default", _search.Marker));
        await KeepAsync(vault.Mac("default", "idempotency key", Encoding.UTF8.GetBytes(_search.Marker)));
        await StoreFileAsync(vault, key);

        Found().ShouldBeEmpty("while the log is open");
        await _directory.CloseDatabaseAsync();
        Found().ShouldBeEmpty("after the database was closed");
    }

    [Fact]
    public async Task Nor_is_what_they_keep_as_files()
    {
        await using var shelf = new KeptShelf(TimeProvider.System);
        await shelf.OpenAsync();
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat($$"""{"custom_id":"{{_search.Marker}}"}""" + "\n", 10_000))));

        var file = await shelf.KeepAsync(name: _search.Marker + ".jsonl", mediaType: "text/plain; x=" + _search.Marker, purpose: FilePurpose.Batch, subject: _search.Marker, content: content);
        Encoding.UTF8.GetString(await shelf.ReadAsync(file)).ShouldContain(_search.Marker);

        _search.FoundIn(shelf.Address, ("digest", file.Stored.Sha256)).ShouldBeEmpty("while the log is open");
        await shelf.CloseAsync();
        _search.FoundIn(shelf.Address, ("digest", file.Stored.Sha256)).ShouldBeEmpty("after the database was closed");
    }

    [Fact]
    public async Task The_search_would_find_it_in_each_of_its_forms()
    {
        await _directory.OpenVaultAsync();
        Found().ShouldBeEmpty();

        foreach (var (form, bytes) in _search.Forms().Append(("gzip", _search.Compressed())))
        {
            await KeepAsync([.. "before "u8, .. bytes, .. " after"u8]);
            Found().ShouldContain(form);
            await _directory.CloseDatabaseAsync();
            Found().ShouldContain(form);
        }
    }

    private async Task StoreFileAsync(Vault vault, DataKey key)
    {
        var upload = new FileUpload { Tenant = "default", Job = Job, Key = key, Number = 1, Name = _search.Marker, FileName = _search.Marker + ".pdf", Most = 1 << 20 };
        using var content = new MemoryStream(Encoding.UTF8.GetBytes("%PDF-1.7\n" + string.Concat(Enumerable.Repeat(_search.Marker, 10_000))));
        var stored = (await new FilePayloads(_directory.Database, vault).StoreAsync(upload, content, CancellationToken.None)).ShouldBeOfType<UploadOutcome.Stored>().File;
        // The digest of a file says which file it is.
        Found(("digest", stored.Sha256)).ShouldBeEmpty();
    }

    private Task<int> KeepAsync(byte[] bytes) => _directory.Database.WriteAsync(new Statements($"INSERT INTO payloads (id, body) VALUES ({++_kept}, {TestDatabase.Bytes(bytes)})"));

    private List<string> Found(params (string Form, byte[] Bytes)[] more) => _search.FoundIn(_directory.Address, more);
}
