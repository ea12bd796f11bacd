using System.Text;

namespace Headway.Audit.Checkpoints;

/// <summary>Where checkpoints are shipped: a file outside the database that lines are appended to, one for each.</summary>
/// <remarks>
/// What is in it already is told from its last line, so a node that dies between signing and shipping ships at its next start, and none is left out. Where the
/// database is another one than the file tells of, a line says so (<see cref="ChainBreak"/>): nothing that stands before it is taken away, and what follows is of the database as it is.
/// </remarks>
internal sealed class CheckpointFile(string path)
{
    // A line has some 350 bytes.
    private const int Tail = 4_096;

    public string Path => path;

    /// <summary>The newest that is there; null: none, or none since a break.</summary>
    public Checkpoint? Last() => End().Last;

    /// <summary>The same, and whether a break is the last thing that is told.</summary>
    public (Checkpoint? Last, bool IsBroken) End()
    {
        if (!File.Exists(path)) return (null, false);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Seek(-Math.Min(file.Length, Tail), SeekOrigin.End);
        var bytes = new byte[Tail];
        var length = file.ReadAtLeast(bytes, Tail, throwOnEndOfStream: false);
        (Checkpoint? Last, bool IsBroken) end = (null, false);
        // The first piece may be the end of a line, the last one a line that was cut by the end of its writer: neither can be read.
        foreach (var place in bytes.AsSpan(0, length).Split((byte)'\n'))
        {
            var line = bytes.AsSpan(0, length)[place];
            if (Checkpoint.Parse(line) is { } checkpoint) end = (checkpoint, false);
            else if (ChainBreak.Parse(line) is not null) end = (null, true);
        }
        return end;
    }

    /// <summary>On disk when it returns.</summary>
    public void Append(IEnumerable<Checkpoint> checkpoints) => Append(checkpoints.Select(checkpoint => checkpoint.ToLine()));

    /// <summary>Says that what follows is of another chain than what stands before. On disk when it returns.</summary>
    public void Append(ChainBreak broken) => Append([broken.ToLine()]);

    private void Append(IEnumerable<string> lines)
    {
        if (System.IO.Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        var text = new StringBuilder();
        if (file.Length > 0)
        {
            file.Seek(-1, SeekOrigin.End);
            if (file.ReadByte() != '\n') text.Append('\n');
        }
        foreach (var line in lines) text.Append(line).Append('\n');
        file.Seek(0, SeekOrigin.End);
        file.Write(Encoding.ASCII.GetBytes(text.ToString()));
        file.Flush(flushToDisk: true);
    }
}
