namespace Headway.Storage;

/// <summary>One kind of database: how writes are grouped and reads are made there.</summary>
internal abstract class Store : IAsyncDisposable
{
    /// <summary>Whether other nodes use it, too.</summary>
    public abstract bool IsShared { get; }

    /// <summary>The one clock of all who use it.</summary>
    public abstract TimeProvider Time { get; }

    /// <summary>Operations waiting to be durable.</summary>
    public abstract int Backlog { get; }

    /// <summary>True once nothing is written any more.</summary>
    public abstract bool IsClosing { get; }

    /// <param name="lingers">Whether nobody waits for it, so that it may wait for others to share its transaction.</param>
    public abstract void Add(GroupedWrite write, bool lingers);

    /// <summary>Somebody waits for what lingers.</summary>
    public abstract void Hurry();

    /// <summary>Whether what other nodes announce does not come here. One that has no others misses nothing.</summary>
    public virtual bool IsDeaf => false;

    /// <summary>See <see cref="Database.Announce"/>. Nobody else is there to be told.</summary>
    public virtual void Announce(string topic, string key)
    {
    }

    /// <summary>See <see cref="Database.Listen"/>.</summary>
    public virtual void Listen(Action<string, string> heard, Action missed)
    {
    }

    /// <summary>Compares the clock with that of the database, where that is another's.</summary>
    public virtual ValueTask SetClockAsync() => ValueTask.CompletedTask;

    public abstract ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> read);

    public abstract T Read<T>(Func<Session, ValueTask<T>> read);

    public abstract ValueTask DisposeAsync();

    /// <summary>The answer of a read in a session where no statement waits.</summary>
    public static T AtOnce<T>(ValueTask<T> answer) => answer.IsCompleted ? answer.GetAwaiter().GetResult() : throw new InvalidOperationException("A read waits for something other than the database.");
}
