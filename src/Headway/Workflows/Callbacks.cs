using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Headway.Access;
using Headway.Jobs.Running;
using Headway.Jobs.Waiting;
using Headway.Payloads;
using Headway.Storage;

namespace Headway.Workflows;

/// <summary>Takes the answers of systems outside that were given a one-time address.</summary>
/// <remarks>
/// The token names the job and what it waits for, and ends with 128 bits of a MAC under the tenant's key: nobody can make one up, it is the same whenever the
/// workflow is run again, and nothing of it is stored.
/// </remarks>
internal sealed class Callbacks(Database database, Vault vault, JobReader jobs, Signals signals)
{
    /// <summary>Who is told in the audit trail: whoever held the address.</summary>
    public const string Actor = "callback";

    public const string Prefix = "/v1/callbacks/";

    // The first answer counts, whatever a sender that tries again has as a key of its own.
    private const string Once = "callback ";

    private const int MacBytes = 16;
    private const int JobBytes = 16;

    private static readonly Sql FindTenant = Sql.At("Workflows/Storage/FindTenant");
    private static readonly Sql FindOutcome = Sql.At("Workflows/Storage/FindOutcome");

    public static string PathOf(Vault vault, string tenant, JobId job, string name)
    {
        var named = Named(job, name);
        return Prefix + Base64Url.EncodeToString([.. named, .. MacOf(vault, tenant, named)]);
    }

    /// <summary>Durable when it returns. Null: no such address, or not any more.</summary>
    /// <param name="body">JSON.</param>
    /// <param name="address">Of whoever sent it.</param>
    public async Task<Signalled?> TakeAsync(string token, ReadOnlyMemory<byte> body, string? address, CancellationToken stop)
    {
        if (!TryRead(token, out var job, out var name, out var mac)) return null;
        var tenant = database.Read(async session =>
        {
            using var find = session.Use(FindTenant).Bind(1, job);
            return await find.StepAsync().ConfigureAwait(false) ? find.Text(0) : null;
        });
        if (tenant is null) return null;
        await vault.ReadyAsync(tenant).ConfigureAwait(false);
        if (!CryptographicOperations.FixedTimeEquals(mac, MacOf(vault, tenant, Named(job, name)))) return null;
        if (jobs.Row(tenant, job) is not { } row || IsTooLate(job, name)) return null;
        var sent = await signals.SendAsync(new Caller(tenant, Actor, address) { Roles = Roles.Caller }, row.Id, name, body, Once + name, stop).ConfigureAwait(false);
        return sent is Signalled.Over or Signalled.NoWorkflow ? null : sent;
    }

    // Its time was over before it came: the workflow went another way.
    private bool IsTooLate(JobId job, string name) => database.Read(async session =>
    {
        using var find = session.Use(FindOutcome).Bind(1, job).Bind(2, name);
        return await find.StepAsync().ConfigureAwait(false) && find.Int64(0) == (long)History.EntryOutcome.TimedOut;
    });

    private static bool TryRead(string token, out JobId job, out string name, out byte[] mac)
    {
        (job, name, mac) = (default, "", []);
        if (!Base64Url.IsValid(token)) return false;
        var bytes = Base64Url.DecodeFromChars(token);
        if (bytes.Length <= JobBytes + MacBytes) return false;
        (job, name, mac) = (JobId.FromBytes(bytes.AsSpan(0, JobBytes)), Encoding.UTF8.GetString(bytes.AsSpan()[JobBytes..^MacBytes]), bytes[^MacBytes..]);
        return true;
    }

    private static byte[] Named(JobId job, string name) => [.. job.Value.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(name)];

    private static byte[] MacOf(Vault vault, string tenant, byte[] named) => vault.Mac(tenant, "callback", named)[..MacBytes];
}
