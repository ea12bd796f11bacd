using System.Security.Cryptography;
using System.Text;

namespace Headway.Payloads;

/// <summary>The key over all keys: 32 random bytes, from the configuration or from a key file beside the database. It wraps the tenants' keys and nothing else.</summary>
internal sealed class MasterKey
{
    public const string Variable = "HEADWAY_MASTER_KEY";
    public const string NextVariable = "HEADWAY_NEXT_MASTER_KEY";

    /// <summary>A key file is one line of base64; anything larger is another file.</summary>
    private const int LongestFile = 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private static readonly Lock Making = new();

    private MasterKey(byte[] key, string source)
    {
        Source = source;
        Wrapping = new WrappingKey(Derive(key, "headway wrap tenant keys"));
        Proof = Derive(key, "headway master key proof")[..16];
    }

    /// <summary>Where the key came from, for error texts.</summary>
    public string Source { get; }

    /// <summary>The key file; null: it came from elsewhere.</summary>
    public string? File { get; private init; }
    public WrappingKey Wrapping { get; }

    /// <summary>Stored in the database to recognise the key; says nothing about it (HKDF is one-way, and the key has 256 random bits).</summary>
    public byte[] Proof { get; }

    /// <summary>From the text of <see cref="Variable"/> or the feature file.</summary>
    public static MasterKey Parse(string text, string source) => new(Read(text, source), source);

    private static byte[] Read(string text, string source)
    {
        var key = new byte[GcmKey.Length];
        if (!Convert.TryFromBase64String(text.Trim(), key, out var written) || written != key.Length)
            throw new MasterKeyException($"The master key from {source} is not {GcmKey.Length} bytes in base64 (44 characters). Make one with: openssl rand -base64 32");
        return key;
    }

    /// <summary>The one with this proof; null: none of them.</summary>
    public static MasterKey? Of(byte[] proof, IEnumerable<MasterKey> known) => known.FirstOrDefault(key => CryptographicOperations.FixedTimeEquals(proof, key.Proof));

    public static MasterKey ReadFile(string path)
    {
        RefuseWhenOthersMayRead(path);
        var info = new FileInfo(path);
        if (info.Length > LongestFile) throw new MasterKeyException($"{path} is not a key file: it has {info.Length} bytes; a key is one line of base64.");
        return new MasterKey(Read(System.IO.File.ReadAllText(path, Encoding.ASCII), $"the key file {path}"), $"the key file {path}") { File = path };
    }

    /// <summary>Makes a new key file that only its owner may read. An existing one is never replaced: it is read instead.</summary>
    public static MasterKey CreateFile(string path)
    {
        // Within the process the others wait; another process is told to start again.
        lock (Making)
        {
            WriteOnce(path);
        }
        return ReadFile(path);
    }

    private static void WriteOnce(string path)
    {
        // Written under another name and renamed, so that a crash leaves no half key. System.IO.File.Move looks first and renames then, which two
        // processes can do at once; so the draft is also the lock, held over both. The kernel drops it with the process.
        using var draft = OpenDraft(path + ".new");
        if (System.IO.File.Exists(path))
        {
            System.IO.File.Delete(path + ".new");
            return;
        }
        draft.SetLength(0);
        draft.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(GcmKey.Length)) + "\n"));
        // On disk before anything is sealed with it.
        draft.Flush(flushToDisk: true);
        System.IO.File.Move(path + ".new", path, overwrite: false);
    }

    private static FileStream OpenDraft(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        // Windows does not rename an open file unless it was opened for that, and then still keeps other writers out.
        if (OperatingSystem.IsWindows()) options.Share = FileShare.Delete;
        else options.UnixCreateMode = OwnerOnly;
        try
        {
            return new FileStream(path, options);
        }
        catch (UnauthorizedAccessException)
        {
            throw new MasterKeyException($"The key file {path} cannot be made: the folder cannot be written. Allow it, or set {Variable}.");
        }
        catch (IOException error)
        {
            throw new MasterKeyException($"The key file {path} cannot be made ({error.Message}). If another process is starting on it, start again.");
        }
    }

    private static void RefuseWhenOthersMayRead(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        var mode = System.IO.File.GetUnixFileMode(path);
        if ((mode & Others) != 0)
            throw new MasterKeyException($"The key file {path} is open to others than its owner (mode {Convert.ToString((int)mode, 8)}). Close it with: chmod 600 {path}");
    }

    private static byte[] Derive(byte[] key, string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, GcmKey.Length, info: Encoding.ASCII.GetBytes(purpose));
}

/// <summary>The node cannot start: the master key is missing, malformed, open to others, or not this database's.</summary>
internal sealed class MasterKeyException(string text) : Exception(text);
