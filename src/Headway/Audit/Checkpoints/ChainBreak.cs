using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Headway.Audit.Checkpoints;

/// <summary>A line of shipped checkpoints that says: the database is not the one that the lines before tell of. It was restored from an older copy, or changed by hand.</summary>
/// <remarks>Not signed: it vouches for nothing. Whoever takes it away leaves checkpoints that do not agree with each other, which is found as well.</remarks>
/// <param name="Seq">The last link that was shipped before and is not there.</param>
/// <param name="At">When it was found.</param>
internal sealed record ChainBreak(JobId Chain, long Seq, DateTimeOffset At)
{
    private const int Form = 1;

    public string ToLine()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("break", Form);
            json.WriteString("chain", Chain.Value.ToString("N"));
            json.WriteNumber("seq", Seq);
            json.WriteString("at", At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>Null: the line is something else.</summary>
    public static ChainBreak? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            using var json = JsonDocument.ParseValue(ref reader);
            var root = json.RootElement;
            return root.GetProperty("break").GetInt32() != Form ? null : new ChainBreak(new JobId(Guid.ParseExact(root.GetProperty("chain").GetString()!, "N")), root.GetProperty("seq").GetInt64(), root.GetProperty("at").GetDateTimeOffset());
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentNullException)
        {
            return null;
        }
    }
}
