using System.Collections.Concurrent;
using System.Diagnostics;

namespace Headway.Crash.Tests.Hosting;

/// <summary>A pull worker in Python, in a process of its own: the module of samples/worker-python, and a script that works with it.</summary>
internal sealed class PythonWorker : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _said = new();
    private readonly SemaphoreSlim _more = new(0);

    private PythonWorker(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Said => string.Join('\n', _said);

    /// <param name="script">Beside the module, or beside the tests.</param>
    public static PythonWorker Start(string script, params IReadOnlyList<string> words)
    {
        var start = new ProcessStartInfo("python3") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PYTHONPATH"] = start.Environment["PYTHONDONTWRITEBYTECODE"] = Path.Combine(AppContext.BaseDirectory, "Python");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Python", script));
        foreach (var word in words) start.ArgumentList.Add(word);
        return new PythonWorker(start);
    }

    /// <summary>Until it has said this.</summary>
    public async Task SaysAsync(string line)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!_said.Contains(line))
        {
            try
            {
                await _more.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"The worker did not say '{line}', but:\n{Said}");
            }
        }
    }

    public void Send(int signal) => _process.Send(signal);

    public async Task EndAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(limit.Token);
    }

    /// <summary>SIGKILL: it says nothing to anybody.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await EndAsync();
    }

    private void Take(string? line)
    {
        if (line is null) return;
        _said.Enqueue(line);
        _more.Release();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
        _more.Dispose();
    }
}
