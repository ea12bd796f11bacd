using System.Collections.Concurrent;
using System.Diagnostics;

namespace Headway.Crash.Tests.Hosting;

/// <summary>A real node in a process of its own, on a port of its own.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    // A start is a second; machines that build at the same time take many.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<string> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException($"The node ended before it listened:\n{Output}"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public HttpClient Http { get; private set; } = null!;

    /// <summary>Everything it said.</summary>
    public string Output => string.Join('\n', _output);

    public bool HasEnded => _process.HasExited;

    /// <summary>Starts a node and waits until it takes calls.</summary>
    public static async Task<HostProcess> StartAsync(DataFolder data, params (string Name, string Value)[] settings)
    {
        var host = Begin(data, settings);
        var address = await host._listening.Task.WaitAsync(Patience);
        host.Http = new HttpClient { BaseAddress = new Uri(address), Timeout = Patience };
        return host;
    }

    /// <summary>Starts a node that is expected to end by itself.</summary>
    public static async Task<(int Code, string Output)> FailAsync(DataFolder data, params (string Name, string Value)[] settings)
    {
        await using var host = Begin(data, settings);
        await host.EndAsync();
        return (host._process.ExitCode, host.Output);
    }

    private static HostProcess Begin(DataFolder data, (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Headway.Crash.Host")) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HEADWAY_DATABASE"] = data.Address;
        if (data.IsPostgres)
        {
            // The nodes that share a database share its key; a successor waits until the lease of the dead is over.
            start.Environment["HEADWAY_MASTER_KEY"] = Convert.ToBase64String(new byte[32]);
            start.Environment["HEADWAY_CRASH_LEASE_MS"] = "2000";
        }
        start.Environment["HEADWAY_LISTEN"] = "http://127.0.0.1:0";
        start.Environment["HEADWAY_CRASH_EFFECTS"] = data.NextEffects();
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var (name, value) in settings) start.Environment[name] = value;
        return new HostProcess(start);
    }

    public void Send(int signal) => _process.Send(signal);

    /// <summary>Waits for the process to be gone, however it goes.</summary>
    public async Task EndAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(limit.Token);
    }

    /// <summary>SIGKILL: no clean-up of any kind.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await EndAsync();
    }

    /// <summary>SIGTERM, as an orderly stop.</summary>
    public async Task StopAsync()
    {
        Send(Signal.Terminate);
        await EndAsync();
        _process.ExitCode.ShouldBe(0, Output);
    }

    private void Take(string? line)
    {
        if (line is null) return;
        _output.Enqueue(line);
        if (line.StartsWith("listening ", StringComparison.Ordinal)) _listening.TrySetResult(line["listening ".Length..]);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        ShiftedClock.Forget(_process.Id);
        Http?.Dispose();
        _process.Dispose();
    }
}
