using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Headway.Tests.Storage;

namespace Headway.Tests.Payloads;

/// <summary>A marker to plant in what callers send, and the search for it in every file beside a database, in every form it could take.</summary>
internal sealed class MarkerSearch
{
    public string Marker { get; } = "Marker" + RandomNumberGenerator.GetHexString(24);

    /// <summary>The forms that are found anywhere in the database, or in a file beside it.</summary>
    public List<string> FoundIn(string address, params (string Form, byte[] Bytes)[] more) =>
        [.. TestDatabase.Contents(address).SelectMany(content => FoundIn(content, [.. Forms(), .. more])).Distinct()];

    private IEnumerable<string> FoundIn(byte[] content, (string Form, byte[] Bytes)[] forms)
    {
        foreach (var (form, bytes) in forms)
        {
            if (content.AsSpan().IndexOf(bytes) >= 0) yield return form;
        }
        for (var start = 0; start < content.Length - 3; start++)
        {
            if (content[start] == 0x1F && content[start + 1] == 0x8B && content[start + 2] == 8 && Unzipped(content.AsSpan(start).ToArray()).Contains(Marker, StringComparison.Ordinal))
                yield return "gzip";
        }
    }

    public IEnumerable<(string Form, byte[] Bytes)> Forms()
    {
        var plain = Encoding.UTF8.GetBytes(Marker);
        yield return ("plain", plain);
        yield return ("UTF-16", Encoding.Unicode.GetBytes(Marker));
        yield return ("hex", Encoding.ASCII.GetBytes(Convert.ToHexString(plain)));
        // Base64 looks different at each of three offsets, and its ends depend on what is around it.
        for (var offset = 0; offset < 3; offset++)
        {
            var encoded = Convert.ToBase64String([.. new byte[offset], .. plain]);
            yield return ($"base64 at {offset}", Encoding.ASCII.GetBytes(encoded[4..^4]));
        }
    }

    public byte[] Compressed()
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true)) gzip.Write(Encoding.UTF8.GetBytes(new string('a', 50) + Marker + new string('b', 50)));
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
}
