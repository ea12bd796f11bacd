using System.Text;
using Headway.Access;
using Headway.Audit;
using Headway.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Payloads;

/// <summary>Puts another master key in force: what it wraps is wrapped anew, in one transaction, and nothing that was sealed is touched.</summary>
/// <remarks>
/// Invariant: at every moment the proof that the database holds is that of the key with which every tenant's key is wrapped. Whoever adds a tenant's key does so
/// only under that proof, and holds it until then.
/// </remarks>
internal static class MasterKeyChange
{
    /// <summary>Of a database that no node has open, or of one on a server, whose nodes know both keys.</summary>
    /// <returns>How many tenants have keys; null: the next key is in force already.</returns>
    /// <exception cref="StorageException">The database cannot be opened or written.</exception>
    /// <exception cref="MasterKeyException">A key is missing, malformed, or neither is this database's.</exception>
    public static async Task<int?> ApplyAsync(string address, MasterKeySource source)
    {
        var database = Database.Open(address, TimeProvider.System, NullLogger.Instance);
        await using var closed = database.ConfigureAwait(false);
        var proof = new KeyStore(database).MasterKeyProof() ?? throw new MasterKeyException("The database has no master key yet: nothing was ever sealed in it. Start a node with the key you want.");
        // A file lies on one machine, and the other nodes would not know what is in it.
        if (database.IsShared && string.IsNullOrWhiteSpace(source.Next)) throw new MasterKeyException($"The next key of a database on a server is given as {MasterKey.NextVariable}, to this command and to every node before it.");
        // Made only now: a database that cannot be opened needs no file.
        if (source.UsesFile && string.IsNullOrWhiteSpace(source.Next) && File.Exists(source.KeyFile) && !File.Exists(source.NextKeyFile)) MasterKey.CreateFile(source.NextKeyFile);
        var known = source.Find(databaseIsSealed: true, NullLogger.Instance);
        if (known.Count < 2) throw new MasterKeyException($"There is no next key. Make one with `openssl rand -base64 32`, keep a copy of it, and set it as {MasterKey.NextVariable}.");
        var (present, next) = (MasterKey.Of(proof, known), known[1]);
        if (present is null) throw new MasterKeyException($"Neither the key from {known[0].Source} nor the one from {next.Source} is the one this database was sealed with.");
        var tenants = present == next ? (int?)null : await database.WriteAsync(new Rewrap(present, next, database.Now)).ConfigureAwait(false);
        source.Settle(next);
        return tenants;
    }

    private sealed class Rewrap(MasterKey present, MasterKey next, long now) : Write<int?>
    {
        private static readonly Sql Lock = Sql.At("Payloads/Storage/LockMasterKey");
        private static readonly Sql List = Sql.At("Payloads/Storage/ListTenantKeys");
        private static readonly Sql Replace = Sql.At("Payloads/Storage/ReplaceTenantKey");
        private static readonly Sql Prove = Sql.At("Payloads/Storage/ReplaceMasterKeyProof");

        // Rows of every tenant at once: nobody's call waits in its group.
        internal override Writer Writer => Writer.Upkeep;

        protected override async ValueTask<int?> ApplyAsync(Session session)
        {
            using (var proof = session.Use(Lock))
            {
                if (!await proof.StepAsync().ConfigureAwait(false) || !present.Proof.AsSpan().SequenceEqual(proof.Blob(0))) return null;
            }
            var wrapped = new List<(string Tenant, byte[] Key)>();
            using (var list = session.Use(List))
            {
                while (await list.StepAsync().ConfigureAwait(false)) wrapped.Add((list.Text(0)!, list.Blob(1)!));
            }
            foreach (var (tenant, key) in wrapped)
            {
                var whose = Encoding.UTF8.GetBytes(tenant);
                session.Use(Replace).Bind(1, next.Wrapping.Wrap(present.Wrapping.Unwrap(key, whose, $"key of tenant {tenant}"), whose)).Bind(2, tenant).Send();
            }
            session.Use(Prove).Bind(1, next.Proof).Send();
            AuditTrail.Begin(session, new AuditEvent { Action = AuditActions.Rekeyed, Job = JobId.New(DateTimeOffset.FromUnixTimeMilliseconds(now)), Tenant = Caller.Local.Tenant, Actor = Caller.Local.Actor }, now);
            return wrapped.Count;
        }
    }
}
