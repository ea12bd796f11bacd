using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Headway.Storage.Postgres;

/// <summary>What is to be announced: the first word leaves at once, those that come within the next beat leave together, each once.</summary>
/// <remarks>
/// NOTIFY takes a lock that all who notify share until they have committed, so it is never part of a transaction that waits for the disk, and its own does
/// not wait for it. Words are never kept: when they cannot be sent, or are too many, others are told that words were lost.
/// </remarks>
internal sealed class AnnouncementOutbox(PostgresServer server, string channel, ILogger logger) : IDisposable
{
    /// <summary>To oneself only.</summary>
    public const string Test = "test";

    /// <summary>Words were lost: whoever waits for one must look for itself.</summary>
    public const string Lost = "lost";

    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // PostgreSQL takes less than 8,000 bytes at a time.
    private const int PayloadLimit = 7_900;

    // More than this in one beat, and looking for oneself is cheaper than being told.
    private const int Most = 20_000;

    // The set_config holds for the one transaction that the statement is, so that it leaves nothing behind on a connection that others get.
    private const string Notify = "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, word) FROM unnest($2) AS word";

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _called = new(0, 1);
    private HashSet<(string Topic, string Key)> _waiting = [];
    private NpgsqlConnection? _connection;
    private bool _closing;
    private bool _disposed;

    /// <summary>Begins each payload, so that a node knows its own.</summary>
    public string Self { get; } = Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));

    public void Add(string topic, string key)
    {
        lock (_gate)
        {
            _waiting.Add(_waiting.Count < Most ? (topic, key) : (Lost, ""));
            Call();
        }
    }

    /// <summary>Nothing comes after what waits now.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closing = true;
            Call();
        }
    }

    private void Call()
    {
        if (!_disposed && _called.CurrentCount == 0) _called.Release();
    }

    /// <summary>Until it is closed and all is sent, or stopped.</summary>
    public async Task SendAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await _called.WaitAsync(stop).ConfigureAwait(false);
                var sent = await TrySendAsync(stop).ConfigureAwait(false);
                lock (_gate)
                {
                    if (_closing && _waiting.Count == 0) return;
                }
                await Task.Delay(sent ? Beat : Pause, TimeProvider.System, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What was still to be said others find out by looking.
        }
        finally
        {
            if (_connection is not null) await _connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _called.Dispose();
        }
    }

    private async ValueTask<bool> TrySendAsync(CancellationToken stop)
    {
        var payloads = Take();
        if (payloads.Length == 0) return true;
        try
        {
            _connection ??= await server.OpenAsync().ConfigureAwait(false);
            await using var notify = new NpgsqlCommand(Notify, _connection) { Parameters = { new() { Value = channel }, new() { Value = payloads } } };
            await notify.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (PostgresFault.From(error) is StorageException)
        {
            logger.LogDebug("Announcements cannot be made: {Reason}", error.Message);
            if (_connection is not null) await _connection.DisposeAsync().ConfigureAwait(false);
            _connection = null;
            Add(Lost, "");
            return false;
        }
    }

    private string[] Take()
    {
        HashSet<(string Topic, string Key)> words;
        lock (_gate) (words, _waiting) = (_waiting, []);
        var payloads = new List<string>();
        var payload = new StringBuilder(Self);
        foreach (var (topic, key) in words)
        {
            // Topics and keys are ours, and of ASCII: a character is a byte.
            if (payload.Length + topic.Length + key.Length + 2 > PayloadLimit)
            {
                payloads.Add(payload.ToString());
                payload.Clear().Append(Self);
            }
            payload.Append('\n').Append(topic).Append(' ').Append(key);
        }
        if (payload.Length > Self.Length) payloads.Add(payload.ToString());
        return [.. payloads];
    }
}
