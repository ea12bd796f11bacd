using System.Security.Cryptography;
using System.Text;

namespace Headway.Payloads;

/// <summary>The key over all keys: 32 random bytes, from the configuration or from a key file beside the database. It wraps the tenants' keys and nothing else.</summary>
internal sealed class MasterKey
{
    public const string Variable = "HEADWAY_MASTER_KEY";

    /// <summary>A key file is one line of base64; anything larger is another file.</summary>
    private const int LongestFile = 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private MasterKey(byte[] key, string source)
    {
        Source = source;
        Wrapping = new WrappingKey(Derive(key, "headway wrap tenant keys"));
        Proof = Derive(key, "headway master key proof")[..16];
    }

    /// <summary>Where the key came from, for error texts.</summary>
    public string Source { get; }
    public WrappingKey Wrapping { get; }

    /// <summary>Stored in the database to recognise the key; says nothing about it (HKDF is one-way, and the key has 256 random bits).</summary>
    public byte[] Proof { get; }

    /// <summary>From the text of <see cref="Variable"/> or the feature file.</summary>
    public static MasterKey Parse(string text, string source)
    {
        var key = new byte[GcmKey.Length];
        if (!Convert.TryFromBase64String(text.Trim(), key, out var written) || written != key.Length)
            throw new MasterKeyException($"The master key from {source} is not {GcmKey.Length} bytes in base64 (44 characters). Make one with: openssl rand -base64 32");
        return new MasterKey(key, source);
    }

    public static MasterKey ReadFile(string path)
    {
        RefuseWhenOthersMayRead(path);
        var info = new FileInfo(path);
        if (info.Length > LongestFile) throw new MasterKeyException($"{path} is not a key file: it has {info.Length} bytes; a key is one line of base64.");
        return Parse(File.ReadAllText(path, Encoding.ASCII), $"the key file {path}");
    }

    /// <summary>Makes a new key file that only its owner may read. An existing file is never replaced.</summary>
    public static MasterKey CreateFile(string path)
    {
        var text = Convert.ToBase64String(RandomNumberGenerator.GetBytes(GcmKey.Length));
        // Whole or not at all: a crash in between leaves no half key under the real name.
        var draft = $"{path}.{RandomNumberGenerator.GetHexString(8)}.new";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using (var file = new FileStream(draft, options))
        {
            file.Write(Encoding.ASCII.GetBytes(text + "\n"));
            // On disk before anything is sealed with it.
            file.Flush(flushToDisk: true);
        }
        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first; its key is the one.
            File.Delete(draft);
        }
        return ReadFile(path);
    }

    private static void RefuseWhenOthersMayRead(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        var mode = File.GetUnixFileMode(path);
        if ((mode & Others) != 0)
            throw new MasterKeyException($"The key file {path} is open to others than its owner (mode {Convert.ToString((int)mode, 8)}). Close it with: chmod 600 {path}");
    }

    private static byte[] Derive(byte[] key, string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, GcmKey.Length, info: Encoding.ASCII.GetBytes(purpose));
}

/// <summary>The node cannot start: the master key is missing, malformed, open to others, or not this database's.</summary>
internal sealed class MasterKeyException(string text) : Exception(text);
