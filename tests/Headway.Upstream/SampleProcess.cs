using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Headway.Upstream;

/// <summary>A sample as whoever tries it starts it: a process of its own, on a port of its own, that is told everything by its environment.</summary>
public sealed class SampleProcess : IAsyncDisposable
{
    // A start is a second; machines that build at the same time take many.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<string> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SampleProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException($"The sample ended before it listened:\n{Output}"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public HttpClient Http { get; private set; } = null!;

    /// <summary>Everything it said.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts a sample that was built beside the test, and waits until it takes calls.</summary>
    /// <param name="program">The name of its executable.</param>
    /// <param name="folder">Where its database is, and stays.</param>
    public static async Task<SampleProcess> StartAsync(string program, string folder, params (string Name, string Value)[] settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, program)) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in new[] { "LLM_URL", "LLM_KEY", "LLM_MODEL" }) start.Environment.Remove(name);
        start.Environment["HEADWAY_DATABASE"] = $"sqlite:{Path.Combine(folder, "headway.db")}";
        start.Environment["HEADWAY_LISTEN"] = "http://127.0.0.1:0";
        foreach (var (name, value) in settings) start.Environment[name] = value;
        var sample = new SampleProcess(start);
        try
        {
            sample.Http = new HttpClient { BaseAddress = new Uri(await sample._listening.Task.WaitAsync(Patience).ConfigureAwait(false)), Timeout = Patience };
            await sample.UntilAsync(async () => (await sample.Http.GetAsync("/health/ready").ConfigureAwait(false)).IsSuccessStatusCode).ConfigureAwait(false);
            return sample;
        }
        catch
        {
            await sample.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>SIGKILL: no clean-up of any kind.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill();
        using var limit = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
    }

    /// <summary>Calls an async feature; the job's id.</summary>
    public async Task<string> AcceptedAsync(string feature, string json)
    {
        using var answer = await Http.PostAsync($"/v1/features/{feature}", Json(json)).ConfigureAwait(false);
        var said = await answer.Content.ReadAsStringAsync().ConfigureAwait(false);
        return answer.StatusCode is HttpStatusCode.Accepted ? JsonElement.Parse(said).GetProperty("id").GetString()! : throw new InvalidOperationException($"{(int)answer.StatusCode}: {said}");
    }

    /// <summary>Decides what a workflow waits for; the answer of the node.</summary>
    public async Task<HttpStatusCode> DecideAsync(string job, string name, bool granted, string reason)
    {
        using var answer = await Http.PostAsync($"/v1/jobs/{job}/signals/{name}", Json($$"""{"granted":{{(granted ? "true" : "false")}},"reason":{{JsonSerializer.Serialize(reason)}}}""")).ConfigureAwait(false);
        return answer.StatusCode;
    }

    public async Task<JsonElement> GetAsync(string path) => JsonElement.Parse(await Http.GetStringAsync(path).ConfigureAwait(false));

    /// <summary>What a workflow got and waits for.</summary>
    public async Task<JsonElement[]> StepsAsync(string job) => [.. (await GetAsync($"/v1/jobs/{job}/steps?limit=1000").ConfigureAwait(false)).GetProperty("steps").EnumerateArray()];

    /// <summary>Waits until the job has ended or waits for a person; it as it is then.</summary>
    public async Task<JsonElement> RestsAsync(string job)
    {
        JsonElement found = default;
        await UntilAsync(async () =>
        {
            found = await GetAsync($"/v1/jobs/{job}").ConfigureAwait(false);
            return found.TryGetProperty("finished", out _) || WaitsForPerson(found);
        }).ConfigureAwait(false);
        return found;
    }

    /// <summary>Waits until the job has ended; it as it is then.</summary>
    public async Task<JsonElement> EndsAsync(string job)
    {
        JsonElement found = default;
        await UntilAsync(async () => (found = await GetAsync($"/v1/jobs/{job}").ConfigureAwait(false)).TryGetProperty("finished", out _)).ConfigureAwait(false);
        return found;
    }

    /// <summary>Whether a person is to decide.</summary>
    public static bool WaitsForPerson(JsonElement job) =>
        job.GetProperty("state").GetString() == "waiting" && job.TryGetProperty("waitingFor", out var what) && what.GetProperty("code").GetString() == "approval";

    /// <summary>Asks again and again until it is so.</summary>
    public async Task UntilAsync(Func<Task<bool>> isSo, [CallerArgumentExpression(nameof(isSo))] string? what = null)
    {
        try
        {
            await Until.IsSoAsync(isSo, Patience, what).ConfigureAwait(false);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}\n{Output}", late);
        }
    }

    /// <summary>A port that was free just now.</summary>
    public static int FreePort()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        return ((IPEndPoint)taken.LocalEndpoint).Port;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync().ConfigureAwait(false);
        Http?.Dispose();
        _process.Dispose();
    }

    private void Take(string? line)
    {
        const string Mark = "Now listening on: ";
        if (line is null) return;
        _output.Enqueue(line);
        if (line.IndexOf(Mark, StringComparison.Ordinal) is var at and >= 0) _listening.TrySetResult(line[(at + Mark.Length)..]);
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
