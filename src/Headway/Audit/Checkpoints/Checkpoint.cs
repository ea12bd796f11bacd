using System.Globalization;
using System.Text;
using System.Text.Json;
using Headway.Audit.Chain;
using Headway.Storage;

namespace Headway.Audit.Checkpoints;

/// <summary>The chain as it was at a moment: signed, so that whoever holds one outside the database can tell whether anything before it was changed.</summary>
/// <param name="Chain">Which chain it is of.</param>
/// <param name="Seq">The last link.</param>
/// <param name="Key">Which key signed it.</param>
/// <param name="Signature">ECDSA P-256 with SHA-256 over its words, in the DER form that openssl reads.</param>
internal sealed record Checkpoint(JobId Chain, long Seq, DateTimeOffset At, byte[] Hash, JobId Key, byte[] Signature)
{
    private const int Form = 1;
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>What is signed: six lines of ASCII.</summary>
    public static byte[] Words(JobId chain, long seq, DateTimeOffset at, ReadOnlySpan<byte> hash) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"headway audit checkpoint\n{Form}\n{chain.Value:N}\n{seq}\n{at.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture)}\n{Convert.ToHexStringLower(hash)}\n"));

    public byte[] Words() => Words(Chain, Seq, At, Hash);

    /// <summary>The columns seq, at, hash, key, signature.</summary>
    public static Checkpoint Read(Statement row, JobId chain) => new(chain, row.Int64(0), row.Time(1), row.Blob(2)!, row.JobId(3), row.Blob(4)!);

    /// <summary>One line of JSON, as it is shipped.</summary>
    public string ToLine()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes)) WriteTo(json);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("checkpoint", Form);
        json.WriteString("chain", Chain.Value.ToString("N"));
        json.WriteNumber("seq", Seq);
        json.WriteString("at", At.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture));
        json.WriteString("hash", Convert.ToHexStringLower(Hash));
        json.WriteString("key", Key.Value.ToString("N"));
        json.WriteBase64String("signature", Signature);
        json.WriteEndObject();
    }

    /// <summary>Null: the line is not a checkpoint, or of a form that this program does not know.</summary>
    public static Checkpoint? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            using var json = JsonDocument.ParseValue(ref reader);
            return Of(json.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static Checkpoint? Of(JsonElement json)
    {
        try
        {
            if (json.GetProperty("checkpoint").GetInt32() != Form) return null;
            var hash = Convert.FromHexString(json.GetProperty("hash").GetString()!);
            return hash.Length != LinkHash.Length ? null : new Checkpoint(IdOf(json, "chain"), json.GetProperty("seq").GetInt64(), json.GetProperty("at").GetDateTimeOffset(), hash, IdOf(json, "key"), json.GetProperty("signature").GetBytesFromBase64());
        }
        catch (Exception wrong) when (wrong is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentNullException)
        {
            return null;
        }
    }

    private static JobId IdOf(JsonElement json, string name) => new(Guid.ParseExact(json.GetProperty(name).GetString()!, "N"));
}
