using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Headway.Bench.Gateways;

/// <summary>A server in a process of its own, so that what it burns is told apart from what its caller does. It is ended with this object.</summary>
internal sealed class Child : IAsyncDisposable
{
    private static readonly TimeSpan StartLongest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopLongest = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private Child(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>Of the process and of those it started.</summary>
    public TimeSpan Cpu => Family().Aggregate(TimeSpan.Zero, (sum, pid) => sum + CpuOf(pid));

    /// <summary>What the process keeps in memory now.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts this program again, as one of its servers; it says its address in its first line.</summary>
    public static Task<Child> OfBenchAsync(params string[] arguments) => OfDotnetAsync(typeof(Child).Assembly.Location, arguments);

    /// <summary>Starts a program of ours whose first line ends with its address.</summary>
    public static async Task<Child> OfDotnetAsync(string assembly, params string[] arguments)
    {
        var process = Start("dotnet", [assembly, .. arguments]);
        using var late = new CancellationTokenSource(StartLongest);
        var line = await process.StandardOutput.ReadLineAsync(late.Token) ?? throw new InvalidOperationException($"{assembly} did not start: {await process.StandardError.ReadToEndAsync()}");
        _ = DrainAsync(process);
        return new Child(process, new Uri(line.Split(' ')[^1]));
    }

    /// <summary>Starts a server that listens on the port it was told, and waits until it does.</summary>
    public static async Task<Child> OfProgramAsync(string program, int port, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var process = Start(program, arguments, environment);
        _ = DrainAsync(process);
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return new Child(process, new Uri($"http://127.0.0.1:{port}/"));
            }
            catch (SocketException) when (!process.HasExited && Stopwatch.GetElapsedTime(began) < StartLongest)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
        }
    }

    /// <summary>Ends it as a crash does: nothing that it still had to write is written.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop, so that what it still has to write is written.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using (var signal = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)])) await signal.WaitForExitAsync();
            using var late = new CancellationTokenSource(StopLongest);
            await _process.WaitForExitAsync(late.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
    }

    private static Process Start(string program, string[] arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static Task DrainAsync(Process process) => Task.WhenAll(process.StandardOutput.BaseStream.CopyToAsync(Stream.Null), process.StandardError.BaseStream.CopyToAsync(Stream.Null));

    private List<int> Family()
    {
        var family = new List<int> { _process.Id };
        var children = $"/proc/{_process.Id}/task/{_process.Id}/children";
        if (File.Exists(children)) family.AddRange(File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse));
        return family;
    }

    private static TimeSpan CpuOf(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return process.TotalProcessorTime;
    }
}
