using System.Text.Json;
using Headway.Caching;
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
    private bool _prose;
    private bool _values;
    private volatile bool _goesOn;

    public OutputLog? Log => _log;

    public override bool Shown => _prose || _values;

    /// <summary>The attempt is settled: a log that was not opened by now never is.</summary>
    public OutputLog? Close()
    {
        lock (_gate)
        {
            _closed = true;
            return _log;
        }
    }

    /// <summary>How the answer can be shown again as it was: its pieces are its text, or its values, and nothing else was shown.</summary>
    public AnswerPieces PiecesOf(string? mediaType) => (_prose, _values, mediaType) switch
    {
        (true, false, Result.Prose) => AnswerPieces.Prose,
        (false, true, Result.Json) => AnswerPieces.Values,
        _ => AnswerPieces.Whole,
    };

    public override bool Wanted => true;

    public override ValueTask DeltaAsync(string text, CancellationToken stop)
    {
        _prose = true;
        return AppendAsync(LogEventKind.Delta, OutputJson.Text(text), stop);
    }

    public override ValueTask DeltaAsync(ReadOnlyMemory<byte> json, CancellationToken stop)
    {
        _values = true;
        return AppendAsync(LogEventKind.Delta, OutputJson.Value(json), stop);
    }

    public override ValueTask BesideAsync(string? text, ReadOnlyMemory<byte> json, CancellationToken stop) =>
        AppendAsync(LogEventKind.Delta, OutputJson.Beside(text, json), stop);

    public override ValueTask TakeBackAsync(CancellationToken stop)
    {
        (_prose, _values) = (false, false);
        return AppendAsync(LogEventKind.Restart, Begun, stop);
    }

    public override void GoOn() => _goesOn = true;

    private byte[] Begun => JsonSerializer.SerializeToUtf8Bytes(new Restart(attempt), OutputJson.Default.Restart);

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
            if (_log!.Restarts && !_goesOn) await _log.AppendAsync(LogEventKind.Restart, Begun, stop).ConfigureAwait(false);
        }
        if (_log!.IsLost) throw new OperationCanceledException("The output of this attempt cannot be logged any more.");
        if (!await _log.AppendAsync(kind, data, stop).ConfigureAwait(false)) throw new OutputFullException();
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

    public override ValueTask TakeBackAsync(CancellationToken stop) => ValueTask.CompletedTask;

    public override ValueTask BesideAsync(string? text, ReadOnlyMemory<byte> json, CancellationToken stop) => ValueTask.CompletedTask;

    public override void GoOn()
    {
    }

    public override ValueTask ProgressAsync(long done, long? total, string? note, CancellationToken stop) => ValueTask.CompletedTask;
}
