using Headway.Access;
using Headway.Payloads;
using Headway.Payloads.Files;
using Headway.Storage;
using Headway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Payloads;

/// <summary>Kept files on a real database in a folder of its own, and short words for what tests do with them.</summary>
internal sealed class KeptShelf(TimeProvider time, KeptRoom? room = null) : IAsyncDisposable
{
    private readonly VaultDirectory _directory = new(time);

    public KeptFiles Files { get; private set; } = null!;
    public KeptFilePruner Pruner { get; private set; } = null!;
    public OrphanPruner Orphans { get; private set; } = null!;
    public Database Database => _directory.Database;
    public string Address => _directory.Address;
    public Vault Vault { get; private set; } = null!;

    public async Task OpenAsync()
    {
        Vault = await _directory.OpenVaultAsync();
        var payloads = new FilePayloads(Database, Vault);
        Files = new KeptFiles(Database, Vault, payloads, () => "node", NullLogger<KeptFiles>.Instance) { Room = room ?? KeptRoom.Usual };
        (Pruner, Orphans) = (new KeptFilePruner(Database, payloads), new OrphanPruner(Database));
    }

    public Task CloseAsync() => _directory.CloseDatabaseAsync();

    public async Task<ArrivedFile> TakeAsync(int length = 1_000, string name = "a.pdf", string? mediaType = null, string? subject = null, Caller? caller = null, Stream? content = null) =>
        (await Files.TakeAsync(caller ?? Caller.Local, subject, name, mediaType, content ?? new GeneratedFile(length), CancellationToken.None)).ShouldBeOfType<ArrivalOutcome.Arrived>().File;

    public async Task<KeptFile> KeepAsync(
        int length = 1_000, string name = "a.pdf", string? mediaType = null, FilePurpose purpose = FilePurpose.UserData, TimeSpan? expires = null, string? subject = null, Caller? caller = null, Stream? content = null) =>
        (await Files.KeepAsync(caller ?? Caller.Local, await TakeAsync(length, name, mediaType, subject, caller, content), purpose, expires)).ShouldBeOfType<KeepOutcome.Kept>().File;

    public async Task<byte[]> ReadAsync(KeptFile file)
    {
        await using var content = await Files.ReadAsync(Caller.Local, file);
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy);
        return copy.ToArray();
    }

    /// <summary>How many are kept, how many files lie there, kept or not, and how many the sizes of tenants count. No piece is without its file.</summary>
    public (long Kept, long Files, long Counted) Rows()
    {
        Number("SELECT count(DISTINCT job) FROM file_chunks").ShouldBe(Number("SELECT count(*) FROM files"));
        Number("SELECT coalesce(sum(bytes), 0) FROM kept_sizes").ShouldBe(Number("SELECT coalesce(sum(bytes), 0) FROM kept_files"));
        return (Number("SELECT count(*) FROM kept_files"), Number("SELECT count(*) FROM files"), Number("SELECT coalesce(sum(files), 0) FROM kept_sizes"));
    }

    public List<string> Events(FileId id) => Database.Read(session =>
    {
        var actions = new List<string>();
        using var read = session.Prepare("SELECT action FROM audit_events WHERE job = $1 ORDER BY id").Bind(1, id.Place);
        while (read.Step()) actions.Add(read.Text(0)!);
        return actions;
    });

    public long Number(string sql) => Database.Read(session =>
    {
        using var read = session.Prepare(sql);
        read.Step();
        return read.Int64(0);
    });

    public Task<int> ApplyAsync(string sql) => Database.WriteAsync(new Statements(sql));

    public ValueTask DisposeAsync() => _directory.DisposeAsync();
}

/// <summary>A file that begins to come, and then does not go on until it is given up.</summary>
internal sealed class StalledFile(int begins) : MemoryStream(new byte[begins])
{
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes once it is waited for.</summary>
    public Task Stalled => _stalled.Task;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (await base.ReadAsync(buffer, cancellationToken) is > 0 and var read) return read;
        var given = new TaskCompletionSource<int>();
        await using var up = cancellationToken.Register(() => given.SetCanceled(cancellationToken));
        _stalled.TrySetResult();
        return await given.Task;
    }
}
