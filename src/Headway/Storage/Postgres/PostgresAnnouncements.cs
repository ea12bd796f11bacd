using Microsoft.Extensions.Logging;
using Npgsql;

namespace Headway.Storage.Postgres;

/// <summary>Words between the nodes of one database: NOTIFY on one connection, LISTEN on another, neither of them the writer's.</summary>
/// <remarks>
/// Nobody may rely on a word: it is lost when the connection is, and some poolers swallow all of them. So this node tells itself something from time to
/// time and says whether it came (<see cref="IsDeaf"/>); and whenever words may have been lost, everybody who might wait for one is told so.
/// </remarks>
internal sealed class PostgresAnnouncements : IAsyncDisposable
{
    private const string Channel = "headway";

    // How long a server that is away is left alone, and how long a word to oneself may take.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HeardWithin = TimeSpan.FromSeconds(5);

    // A connection that died without a word is found out after so long.
    private static readonly TimeSpan TestEvery = TimeSpan.FromSeconds(60);

    private readonly PostgresServer _server;
    private readonly ILogger _logger;
    private readonly AnnouncementOutbox _outbox;
    private readonly CancellationTokenSource _stop = new();
    private Task _sending = Task.CompletedTask;
    private Task _listening = Task.CompletedTask;
    private Action<string, string> _heard = (_, _) => { };
    private Action _missed = () => { };
    private TaskCompletionSource _own = new();
    private volatile bool _deaf = true;
    private bool _warned;

    public PostgresAnnouncements(PostgresServer server, ILogger logger)
    {
        (_server, _logger) = (server, logger);
        _outbox = new AnnouncementOutbox(server, Channel, logger);
    }

    /// <summary>Whether what others say does not come here: until the first word to oneself has come, and from when one has not.</summary>
    public bool IsDeaf => _deaf;

    /// <summary>From now on.</summary>
    /// <param name="heard">Told of each topic and key. Must be quick: what follows waits for it.</param>
    /// <param name="missed">Told that anything may have been said that did not come.</param>
    public void Listen(Action<string, string> heard, Action missed)
    {
        (_heard, _missed) = (heard, missed);
        _sending = _outbox.SendAsync(_stop.Token);
        _listening = ListenAsync();
    }

    public void Announce(string topic, string key) => _outbox.Add(topic, key);

    private async Task ListenAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await ListenOnceAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (PostgresFault.From(error) is StorageException)
            {
                _deaf = true;
                _logger.LogDebug("Announcements cannot be heard: {Reason}", error.Message);
            }
            await Task.Delay(Pause, TimeProvider.System, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Ends when nothing comes any more.</summary>
    private async Task ListenOnceAsync(CancellationToken stop)
    {
        await using var connection = await _server.OpenAsync().ConfigureAwait(false);
        connection.Notification += (_, word) => Take(word.Payload);
        await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection)) await listen.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
        Guarded(_missed);
        while (true)
        {
            _own = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _outbox.Add(AnnouncementOutbox.Test, "");
            await ReceiveAsync(connection, HeardWithin, _own.Task, stop).ConfigureAwait(false);
            Tell(heard: _own.Task.IsCompleted);
            if (_deaf) await Task.Delay(TestEvery, TimeProvider.System, stop).ConfigureAwait(false);
            if (_deaf) return;
            await ReceiveAsync(connection, TestEvery, Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop), stop).ConfigureAwait(false);
        }
    }

    private static async Task ReceiveAsync(NpgsqlConnection connection, TimeSpan limit, Task enough, CancellationToken stop)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!enough.IsCompleted)
        {
            var left = limit - TimeProvider.System.GetElapsedTime(began);
            // It counts whole milliseconds, and takes none for no limit at all.
            if (left < TimeSpan.FromMilliseconds(1)) return;
            await connection.WaitAsync(left, stop).ConfigureAwait(false);
        }
    }

    private void Tell(bool heard)
    {
        if (heard && _warned) _logger.LogInformation("Announcements of other nodes are heard again");
        if (!heard && !_warned)
        {
            _logger.LogWarning("Announcements of other nodes are not heard: what stands between this node and PostgreSQL swallows NOTIFY, as poolers do. This node asks the database often instead; a direct address is better");
        }
        (_deaf, _warned) = (!heard, !heard);
    }

    private void Take(string payload)
    {
        var lines = payload.Split('\n');
        if (lines[0] == _outbox.Self)
        {
            if (lines.Any(line => line.StartsWith(AnnouncementOutbox.Test, StringComparison.Ordinal))) _own.TrySetResult();
            return;
        }
        foreach (var line in lines.AsSpan(1))
        {
            if (line.Split(' ', 2) is not [var topic, var key] || topic == AnnouncementOutbox.Test) continue;
            Guarded(topic == AnnouncementOutbox.Lost ? _missed : () => _heard(topic, key));
        }
    }

    // Words of another program's version may not be understood; that is no reason to hear none of the others.
    private void Guarded(Action take)
    {
        try
        {
            take();
        }
#pragma warning disable CA1031 // Whatever goes wrong with one word must not keep this node from hearing the next.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _logger.LogError(error, "An announcement could not be taken");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        _outbox.Close();
        await _sending.WaitAsync(Pause, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_sending, _listening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _outbox.Dispose();
    }
}
