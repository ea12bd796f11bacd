using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Headway.Tests;

/// <summary>What was logged, line by line, for a test that waits until something is told. Older lines give way when nobody reads.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly Channel<string> _lines = Channel.CreateBounded<string>(new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>The next line that holds all the parts; those before it are read over.</summary>
    public async Task<string> UntilAsync(params string[] parts)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var line = await _lines.Reader.ReadAsync(late.Token);
            if (parts.All(part => line.Contains(part, StringComparison.Ordinal))) return line;
        }
    }

    /// <summary>What nobody has read yet.</summary>
    public IReadOnlyList<string> Take()
    {
        var lines = new List<string>();
        while (_lines.Reader.TryRead(out var line)) lines.Add(line);
        return lines;
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Writer.TryWrite(formatter(state, exception));

    public void Dispose()
    {
    }
}
