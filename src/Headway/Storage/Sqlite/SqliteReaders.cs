using System.Collections.Concurrent;

namespace Headway.Storage.Sqlite;

/// <summary>Connections that read. As many as read at the same time, at most <see cref="Kept"/> are kept open.</summary>
internal sealed class SqliteReaders(string file) : IDisposable
{
    private const int Kept = 16;
    private readonly ConcurrentBag<SqliteSession> _idle = [];

    public T Read<T>(Func<Session, ValueTask<T>> read)
    {
        if (!_idle.TryTake(out var session)) session = SqliteSession.OpenReader(file);
        try
        {
            return Store.AtOnce(read(session));
        }
        finally
        {
            if (_idle.Count < Kept) _idle.Add(session);
            else session.Dispose();
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var session)) session.Dispose();
    }
}
