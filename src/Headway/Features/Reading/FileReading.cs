using System.Security.Cryptography;
using System.Text;
using Headway.Features.Shapes;
using Headway.Features.Yaml;

namespace Headway.Features.Reading;

/// <summary>What the parts of one reading share: the findings, the folder, and the texts of referenced files.</summary>
internal sealed class FileReading(string path, Func<string, string?> environment)
{
    /// <summary>A feature file or a template beyond this is a mistake: nobody reviews it.</summary>
    public const int MaxFileBytes = 1024 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, string?> _texts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, byte[]> _digests = new(StringComparer.Ordinal);

    public List<Finding> Findings { get; } = [];

    public string Path { get; } = path;

    /// <summary>What names in the file are relative to.</summary>
    public string Folder { get; } = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;

    /// <summary>Full paths of the files read besides the feature file itself: what a watcher watches.</summary>
    public IReadOnlyCollection<string> References => _texts.Keys;

    /// <summary>A digest of everything that was read, absent files included.</summary>
    public string Content => Digest(_digests);

    /// <summary>The same digest of what is there now.</summary>
    public static string ContentOf(string path, IEnumerable<string> references)
    {
        var digests = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var full in references.Prepend(System.IO.Path.GetFullPath(path)))
            digests[full] = DigestOf(full);
        return Digest(digests);
    }

    public Node? ReadTree()
    {
        var start = new Place(Path, 1, 1);
        if (Load(System.IO.Path.GetFullPath(Path), "feature file", Path, start, null) is not { } text)
            return null;

        if (string.IsNullOrWhiteSpace(text))
        {
            Findings.Add(Finding.Error("file-empty", "the file is empty; it needs at least `features:`.", start));
            return null;
        }

        var root = new NodeReader(Path, new Variables(environment, Findings), Findings).Read(text);
        if (root is { IsNull: true })
        {
            Findings.Add(Finding.Error("file-empty", "the file holds nothing; it needs at least `features:`.", start));
            return null;
        }

        if (root is not null)
            new ShapeCheck(Findings).Check(root, FeatureFileShape.Root, "");
        return root;
    }

    /// <summary>The text of a file named in the feature file, or null after a finding.</summary>
    public string? Reference(string name, string kind, Place place, string? feature)
    {
        var full = System.IO.Path.GetFullPath(name, Folder);
        if (!_texts.TryGetValue(full, out var text))
        {
            text = Load(full, kind, name, place, feature);
            _texts[full] = text;
        }
        else if (text is null)
        {
            Findings.Add(Finding.Error("file-missing", $"the {kind} {name} cannot be read either (looked for {full}).", place, feature));
        }

        return text;
    }

    private static readonly byte[] Absent = new byte[SHA256.HashSizeInBytes];

    private static byte[] DigestOf(string full)
    {
        try
        {
            using var file = File.OpenRead(full);
            return file.Length > MaxFileBytes ? Absent : SHA256.HashData(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Absent;
        }
    }

    private static string Digest(SortedDictionary<string, byte[]> digests) => Convert.ToHexString(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Join('\n', digests.Select(digest => $"{digest.Key} {Convert.ToHexString(digest.Value)}")))));

    private string? Load(string full, string kind, string name, Place place, string? feature)
    {
        _digests[full] = Absent;
        try
        {
            using var file = File.OpenRead(full);
            if (file.Length > MaxFileBytes)
                return Refuse("file-too-large", $"the {kind} {name} has {file.Length:N0} bytes; the limit is {MaxFileBytes:N0}.");

            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            _digests[full] = SHA256.HashData(bytes);
            return Strict.GetString(bytes.AsSpan(bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0));
        }
        catch (DecoderFallbackException)
        {
            return Refuse("file-not-utf8", $"the {kind} {name} is not UTF-8 text; save it as UTF-8.");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Refuse("file-missing", $"there is no {kind} {name} (looked for {full}).");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Refuse("file-unreadable", $"the {kind} {name} cannot be read: {exception.Message}");
        }

        string? Refuse(string code, string text)
        {
            Findings.Add(Finding.Error(code, text, place, feature));
            return null;
        }
    }
}
