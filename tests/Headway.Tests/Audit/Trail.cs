using System.Globalization;
using Headway.Audit;
using Headway.Audit.Chain;
using Headway.Audit.Checkpoints;
using Headway.Audit.Proof;
using Headway.Features;
using Headway.Payloads;
using Headway.Storage;
using Headway.Tests.Jobs;
using Headway.Tests.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Audit;

/// <summary>The audit room of one node on a real database, which a test beats itself: nothing is chained or signed unless it says so.</summary>
internal sealed class Trail : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headway-audit-").FullName;
    private readonly AuditOptions _options;
    private Vault _vault = null!;

    // Far enough back that six years later is still before the clock of any server.
    private Trail(AuditOptions options, ManualTime time, string? address) =>
        (_options, Time, Address) = (options, time, address ?? TestDatabase.At(Path.Combine(_folder, "trail.db")));

    public ManualTime Time { get; }
    public string Address { get; }
    public LogLines Log { get; } = new();
    public Database Database { get; private set; } = null!;
    public AuditRooms Rooms { get; private set; } = null!;
    public AuditDesk Desk { get; private set; } = null!;
    public string CheckpointFile => Path.Combine(_folder, "shipped", "checkpoints.jsonl");

    public static async Task<Trail> OpenAsync(AuditOptions? options = null, ManualTime? time = null, string? address = null)
    {
        var trail = new Trail(options ?? new AuditOptions(), time ?? new ManualTime(new DateTimeOffset(2019, 5, 6, 7, 8, 9, TimeSpan.Zero)), address);
        await trail.StartAsync();
        return trail;
    }

    /// <param name="ships">Whether checkpoints go to <see cref="CheckpointFile"/>.</param>
    public async Task StartAsync(bool ships = false)
    {
        Database = Database.Open(Address, Time, NullLogger.Instance);
        _vault = await Vault.OpenAsync(Database, new MasterKeySource(Convert.ToBase64String(new byte[32]), Path.Combine(_folder, "key"), false), NullLogger.Instance);
        await _vault.ReadyAsync("other");
        (Rooms, Desk) = EngineAudit.For(Database, _vault, _options with { Checkpoints = ships ? CheckpointFile : null }, () => "node", LoggerFactory.Create(logs => logs.AddProvider(Log)));
    }

    public async Task RestartAsync(bool ships = false)
    {
        Rooms.Dispose();
        await Database.DisposeAsync();
        await StartAsync(ships);
    }

    public AuditEvent Event(string action = AuditActions.Delivered, JobId? job = null, string tenant = "default", string? subject = null, string? recipient = null, string actor = "local") => new()
    {
        Action = action,
        Job = job ?? JobId.New(Database.Time.GetUtcNow()),
        Tenant = tenant,
        Actor = actor,
        Definition = 1,
        Subject = subject is null ? null : _vault.SubjectMac(tenant, subject),
        Data = DataClass.Phi,
        Purpose = "care",
        Node = "node",
        Address = "::1",
        Recipient = recipient,
        Outcome = "succeeded",
        Payload = [1, 2, 3],
    };

    public Task TellAsync(AuditEvent told) => Database.WriteAsync(new AppendAudit(told, Database.Now));

    public async Task TellAsync(int many)
    {
        if (Number("SELECT count(*) FROM definitions") == 0)
            await Database.WriteAsync(new Change($"INSERT INTO definitions (id, hash, feature, version, pool, data, json, created) {TestDatabase.OwnNumber}VALUES (1, {TestDatabase.Bytes([1])}, 'summary', 2, 1, 3, '{{}}', 0)"));
        for (var i = 0; i < many; i++) await TellAsync(Event());
    }

    public async Task ChainAsync()
    {
        while ((await Rooms.Sequencer.RunOnceAsync()).More)
        {
        }
    }

    public async Task<Checkpoint> SignAsync()
    {
        await ChainAsync();
        return (await Rooms.Checkpoints.RunOnceAsync(atOnce: true)).ShouldNotBeNull();
    }

    /// <summary>Some events that are chained and signed.</summary>
    public async Task<Checkpoint> SignedAsync(int many = 10)
    {
        await TellAsync(many);
        return await SignAsync();
    }

    /// <param name="shipped">Checkpoints that were kept outside.</param>
    public Task<ChainProof> VerifyAsync(params Checkpoint[] shipped) => Rooms.Verifier.VerifyAsync(shipped, CancellationToken.None);

    /// <summary>As an attacker who may write the database, and takes away what guards it.</summary>
    public Task ForceAsync(string statements) => Database.WriteAsync(new Change(TestDatabase.IsPostgres
        ? $"{Triggers("DISABLE")}{statements};{Triggers("ENABLE")}"
        : string.Concat(Guarded.Select(table => $"DROP TRIGGER IF EXISTS {table}_stay; DROP TRIGGER IF EXISTS {table}_remain;")) + statements));

    private static string Triggers(string what) => string.Concat(Guarded.Select(table => $"ALTER TABLE {table} {what} TRIGGER USER;"));

    private static readonly string[] Guarded = ["audit_events", "audit_chain", "audit_checkpoints", "audit_keys", "audit_segments"];

    public long Number(string sql) => Database.Read(session =>
    {
        using var read = session.Prepare(sql);
        read.Step();
        return read.Int64(0);
    });

    /// <summary>What an attacker does who knows how the chain is made, and has no key: changes an event, and makes every link anew.</summary>
    public async Task RewriteAsync(string change)
    {
        await ForceAsync(change);
        var links = await ChainVerifier.LinksAsync(Database, 0, 100_000);
        var previous = LinkHash.Origin;
        foreach (var link in links)
        {
            previous = LinkHash.Of(previous, link.Seq, LinkHash.Digest(link.Told!));
            await ForceAsync(string.Create(CultureInfo.InvariantCulture, $"UPDATE audit_chain SET hash = {TestDatabase.Bytes(previous)} WHERE seq = {link.Seq}"));
        }
    }

    /// <summary>A part of a statement: the event of a link.</summary>
    public static string EventOf(long seq) => string.Create(CultureInfo.InvariantCulture, $"job = (SELECT c.job FROM audit_chain c WHERE c.seq = {seq}) AND id = (SELECT c.event FROM audit_chain c WHERE c.seq = {seq})");

    public async Task<string> ExportAsync(string tenant = "default", DateTimeOffset? since = null, DateTimeOffset? until = null)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        var scope = (await Desk.ExportAsync(new Auditor(tenant, "local", null), since, until)).ShouldNotBeNull();
        await Desk.WriteAsync(scope, output, () => ValueTask.CompletedTask, CancellationToken.None);
        return System.Text.Encoding.UTF8.GetString(output.WrittenSpan);
    }

    public async ValueTask DisposeAsync()
    {
        Rooms.Dispose();
        await Database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
