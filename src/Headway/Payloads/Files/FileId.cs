using System.Globalization;

namespace Headway.Payloads.Files;

/// <summary>Identity of a kept file: a UUIDv7, so that ids sort by the time their uploads began. Written as 32 hex digits after `file-`.</summary>
internal readonly record struct FileId(Guid Value)
{
    public const string Prefix = "file-";

    /// <summary>Before and after every id there is.</summary>
    public static readonly FileId First = new(Guid.Empty), Last = new(Guid.AllBitsSet);

    /// <summary>Where its pieces lie and are sealed, and its audit events stand: an id like a job's, of a job that never comes.</summary>
    public JobId Place => new(Value);

    public static FileId New(DateTimeOffset now) => new(JobId.New(now).Value);

    public static bool TryParse(string? text, out FileId id)
    {
        id = default;
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        if (!Guid.TryParseExact(text.AsSpan(Prefix.Length), "N", out var value)) return false;
        id = new FileId(value);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Value:N}");
}
