using System.Diagnostics;

namespace Headway.AspNetCore.Tests.Cli;

/// <summary>The program itself, serving until it is disposed of.</summary>
internal sealed class ServedProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private ServedProgram(Process process, Task<string> errors) => (_process, _errors) = (process, errors);

    public required Uri Address { get; init; }

    public static async Task<ServedProgram> StartAsync(string words)
    {
        var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Headway.Server"), words) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var greeting = await process.StandardOutput.ReadLineAsync();
        greeting.ShouldNotBeNull(greeting is null ? await errors : null);
        return new ServedProgram(process, errors) { Address = new Uri(greeting[(greeting.LastIndexOf(' ') + 1)..]) };
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _errors;
        _process.Dispose();
    }
}
