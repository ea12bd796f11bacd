using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Headway.Crash.Tests.Checking;

/// <summary>
/// The chain over the audit events of a node that stopped cleanly: every event has one link, each link follows from the one before, and the last one is signed.
/// Written from docs/guides/audit.md, with nothing of the engine.
/// </summary>
internal static class ChainCheck
{
    private const string Links = """
        SELECT c.seq, c.hash, e.job, e.id, e.tenant, e.actor, e.action, e.definition, d.feature, d.version, e.subject, e.purpose, e.data, e.node, e.address, e.recipient, e.outcome, e.payload, e.correlation
        FROM audit_chain c LEFT JOIN audit_events e ON e.job = c.job AND e.id = c.event LEFT JOIN definitions d ON d.id = e.definition ORDER BY c.seq
        """;

    private const string Unchained = "SELECT hex(e.job), e.action || ' ' || count(c.seq) || ' links' FROM audit_events e LEFT JOIN audit_chain c ON c.job = e.job AND c.event = e.id GROUP BY e.job, e.id HAVING count(c.seq) <> 1";

    public static IEnumerable<Breach> Check(SqliteConnection database)
    {
        foreach (var row in Rows(database, Unchained)) yield return new Breach("event-not-chained-once", (string)row[0], (string)row[1]);
        var (last, previous) = (0L, new byte[32]);
        foreach (var row in Rows(database, Links))
        {
            var (seq, hash) = ((long)row[0], (byte[])row[1]);
            var place = string.Create(CultureInfo.InvariantCulture, $"link {seq}");
            if (seq != last + 1) yield return new Breach("chain-has-gap", "", place);
            else if (row[2] is DBNull) yield return new Breach("link-without-event", "", place);
            else if (!Hash(previous, seq, SHA256.HashData(Bytes(row[2..]))).SequenceEqual(hash)) yield return new Breach("chain-is-broken", Convert.ToHexString((byte[])row[2]), place);
            (last, previous) = (seq, hash);
        }
        foreach (var breach in Signed(database, last)) yield return breach;
    }

    private static IEnumerable<Breach> Signed(SqliteConnection database, long last)
    {
        var signed = 0L;
        foreach (var row in Rows(database, "SELECT p.seq, p.at, p.hash, p.signature, k.public, hex(k.chain), c.hash FROM audit_checkpoints p JOIN audit_keys k ON k.id = p.key LEFT JOIN audit_chain c ON c.seq = p.seq ORDER BY p.seq"))
        {
            signed = (long)row[0];
            var at = DateTimeOffset.FromUnixTimeMilliseconds((long)row[1]).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
            var words = string.Create(CultureInfo.InvariantCulture, $"headway audit checkpoint\n1\n{((string)row[5]).ToLowerInvariant()}\n{signed}\n{at}\n{Convert.ToHexStringLower((byte[])row[2])}\n");
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo((byte[])row[4], out _);
            var holds = key.VerifyData(Encoding.ASCII.GetBytes(words), (byte[])row[3], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence) && row[6] is byte[] hash && hash.SequenceEqual((byte[])row[2]);
            if (!holds) yield return new Breach("checkpoint-does-not-hold", "", string.Create(CultureInfo.InvariantCulture, $"link {signed}"));
        }
        if (signed != last) yield return new Breach("end-not-signed", "", string.Create(CultureInfo.InvariantCulture, $"link {last}, signed up to {signed}"));
    }

    private static byte[] Hash(byte[] previous, long seq, byte[] digest)
    {
        using var bytes = new MemoryStream();
        bytes.WriteByte(1);
        bytes.Write(previous);
        bytes.Write(Number(seq));
        bytes.Write(digest);
        return SHA256.HashData(bytes.ToArray());
    }

    private static byte[] Bytes(object[] columns)
    {
        using var bytes = new MemoryStream();
        bytes.WriteByte(1);
        foreach (var column in columns)
        {
            var field = column switch { DBNull => null, byte[] raw => raw, long number => Number(number), string text => Encoding.UTF8.GetBytes(text), _ => throw new InvalidOperationException($"{column.GetType()}") };
            var length = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(length, field?.Length ?? -1);
            bytes.Write(length);
            bytes.Write(field ?? []);
        }
        return bytes.ToArray();
    }

    private static byte[] Number(long value)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    private static IEnumerable<object[]> Rows(SqliteConnection database, string query)
    {
        using var command = database.CreateCommand();
        command.CommandText = query;
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            yield return row;
        }
    }
}
