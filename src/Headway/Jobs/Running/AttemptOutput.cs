using System.Text.Json;
using Headway.Handlers;
using Headway.Streams;

namespace Headway.Jobs.Running;

/// <summary>The output of an attempt whose deltas somebody may watch.</summary>
/// <param name="log">Opened by the first event: an attempt without output has no log.</param>
/// <param name="progress">Records how far the attempt is, for those who ask instead of watching.</param>
internal sealed class AttemptOutput(int attempt, Func<OutputLog> log, Func<byte[], Task> progress) : Output
{
    private readonly Lock _gate = new();
    private OutputLog? _log;
    private bool _closed;

    public OutputLog? Log => _log;

    public override bool Shown => _shown;

    /// <summary>The attempt is settled: a log that was not opened by now never is.</summary>
    public OutputLog? Close()
    {
        lock (_gate)
        {
            _closed = true;
            return _log;
        }
    }

    private bool _shown;

    public override bool Wanted => true;

    public override ValueTask DeltaAsync(string text, CancellationToken stop)
    {
        _shown = true;
        return AppendAsync(LogEventKind.Delta, JsonSerializer.SerializeToUtf8Bytes(new TextDelta(text), OutputJson.Default.TextDelta), stop);
    }

    public override ValueTask DeltaAsync(ReadOnlyMemory<byte> json, CancellationToken stop)
    {
        _shown = true;
        using var buffer = new MemoryStream(json.Length + 12);
        buffer.Write("{\"value\":"u8);
        buffer.Write(json.Span);
        buffer.Write("}"u8);
        var line = buffer.ToArray();
        // An event is read line by line. In JSON a line break stands between values only, where a space says the same.
        line.AsSpan().Replace((byte)'\n', (byte)' ');
        line.AsSpan().Replace((byte)'\r', (byte)' ');
        return AppendAsync(LogEventKind.Delta, line, stop);
    }

    public override async ValueTask ProgressAsync(long done, long? total, string? note, CancellationToken stop)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new Progress(done, total, note), OutputJson.Default.Progress);
        await AppendAsync(LogEventKind.Progress, json, stop).ConfigureAwait(false);
        await progress(json).ConfigureAwait(false);
    }

    /// <summary>True: this was the first event.</summary>
    private bool Open()
    {
        lock (_gate)
        {
            if (_closed) throw new OperationCanceledException("The attempt has ended.");
            if (_log is not null) return false;
            _log = log();
            return true;
        }
    }

    private async ValueTask AppendAsync(LogEventKind kind, ReadOnlyMemory<byte> data, CancellationToken stop)
    {
        if (Open())
        {
            if (_log!.Restarts) await _log.AppendAsync(LogEventKind.Restart, JsonSerializer.SerializeToUtf8Bytes(new Restart(attempt), OutputJson.Default.Restart), stop).ConfigureAwait(false);
        }
        if (_log!.IsLost) throw new OperationCanceledException("The output of this attempt cannot be logged any more.");
        if (!await _log.AppendAsync(kind, data, stop).ConfigureAwait(false))
        {
            throw new InvalidOperationException($"The output of one attempt is longer than the log keeps (16 MiB or {LogEvent.PerAttempt:N0} events).");
        }
    }
}

/// <summary>For a mode in which nobody watches.</summary>
internal sealed class NoOutput : Output
{
    public static readonly NoOutput Instance = new();

    public override bool Shown => false;

    public override bool Wanted => false;

    public override ValueTask DeltaAsync(string text, CancellationToken stop) => ValueTask.CompletedTask;

    public override ValueTask DeltaAsync(ReadOnlyMemory<byte> json, CancellationToken stop) => ValueTask.CompletedTask;

    public override ValueTask ProgressAsync(long done, long? total, string? note, CancellationToken stop) => ValueTask.CompletedTask;
}
