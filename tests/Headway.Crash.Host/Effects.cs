namespace Headway.Crash.Host;

/// <summary>What the handlers did to the world: a line for each attempt, which outlives the process. The checker counts it against the record.</summary>
internal sealed class Effects(string file) : IDisposable
{
    // Unbuffered: what was written before SIGKILL is the kernel's.
    private readonly FileStream _file = new(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    private readonly Lock _gate = new();

    public void Add(FeatureContext context) => Add(context.Job, context.Attempt);

    public void Add(string job, int attempt)
    {
        var line = System.Text.Encoding.UTF8.GetBytes($"{job} {attempt}\n");
        lock (_gate) _file.Write(line);
    }

    public void Dispose() => _file.Dispose();
}
