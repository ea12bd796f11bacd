using System.Text;

namespace Headway.Audit.Checkpoints;

/// <summary>Where checkpoints are shipped: a file outside the database that lines are appended to, one for each.</summary>
/// <remarks>What is in it already is told from its last line, so a node that dies between signing and shipping ships at its next start, and none is left out.</remarks>
internal sealed class CheckpointFile(string path)
{
    // A line has some 350 bytes.
    private const int Tail = 4_096;

    public string Path => path;

    /// <summary>The newest that is there; null: none.</summary>
    public Checkpoint? Last()
    {
        if (!File.Exists(path)) return null;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Seek(-Math.Min(file.Length, Tail), SeekOrigin.End);
        var bytes = new byte[Tail];
        var length = file.ReadAtLeast(bytes, Tail, throwOnEndOfStream: false);
        Checkpoint? last = null;
        // The first piece may be the end of a line, the last one a line that was cut by the end of its writer: neither can be read.
        foreach (var line in bytes.AsSpan(0, length).Split((byte)'\n')) last = Checkpoint.Parse(bytes.AsSpan(0, length)[line]) ?? last;
        return last;
    }

    /// <summary>On disk when it returns.</summary>
    public void Append(IEnumerable<Checkpoint> checkpoints)
    {
        if (System.IO.Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        var text = new StringBuilder();
        if (file.Length > 0)
        {
            file.Seek(-1, SeekOrigin.End);
            if (file.ReadByte() != '\n') text.Append('\n');
        }
        foreach (var checkpoint in checkpoints) text.Append(checkpoint.ToLine()).Append('\n');
        file.Seek(0, SeekOrigin.End);
        file.Write(Encoding.ASCII.GetBytes(text.ToString()));
        file.Flush(flushToDisk: true);
    }
}
