namespace Headway.Storage;

/// <summary>A statement: bind, run, read, dispose. Columns count from 0, parameters from 1.</summary>
internal abstract class Statement : IDisposable
{
    public abstract Statement Bind(int parameter, long value);

    public abstract Statement Bind(int parameter, long? value);

    public abstract Statement Bind(int parameter, string? value);

    /// <summary>The bytes are copied.</summary>
    public abstract Statement Bind(int parameter, ReadOnlySpan<byte> value);

    /// <summary>Null binds null; an empty array binds an empty blob.</summary>
    public abstract Statement Bind(int parameter, byte[]? value);

    public abstract Statement Bind(int parameter, JobId value);

    public abstract Statement Bind(int parameter, JobId? value);

    /// <summary>True: there is a row to read.</summary>
    public abstract ValueTask<bool> StepAsync();

    /// <summary>Runs to the end and gives the rows touched.</summary>
    public abstract ValueTask<int> ExecuteAsync();

    /// <summary>Runs it, now or together with what is asked next. Nothing is learned of it, but that an error undoes the whole operation.</summary>
    public abstract void Send();

    public abstract bool IsNull(int column);

    public abstract long Int64(int column);

    public abstract string? Text(int column);

    public abstract byte[]? Blob(int column);

    /// <summary>The blob where it lies: valid until the next step.</summary>
    public abstract ReadOnlySpan<byte> Bytes(int column);

    public abstract JobId JobId(int column);

    public abstract void Dispose();

    public int Int32(int column) => checked((int)Int64(column));

    public long? Int64OrNull(int column) => IsNull(column) ? null : Int64(column);

    public DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeMilliseconds(Int64(column));

    public DateTimeOffset? TimeOrNull(int column) => IsNull(column) ? null : Time(column);
}
