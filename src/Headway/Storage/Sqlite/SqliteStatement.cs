using System.Text;
using SQLitePCL;

namespace Headway.Storage.Sqlite;

/// <summary>A prepared statement: bind, step, read, dispose. Columns count from 0, parameters from 1, as in SQLite.</summary>
internal sealed class SqliteStatement(SqliteSession session, sqlite3_stmt handle, bool cached) : Statement
{
    private const int StackText = 256;

    // What each parameter holds. Values outlive a reset, so only what differs from the row before is bound: most of a row is the tenant, the
    // actor, the definition, the node and nulls, and a binding costs a call into the library and, for text, a copy.
    private readonly Binding[] _held = new Binding[raw.sqlite3_bind_parameter_count(handle) + 1];

    public override SqliteStatement Bind(int parameter, long value)
    {
        ref var held = ref _held[parameter];
        if (held.Kind is BindingKind.Number && held.Number == value) return this;
        session.Check(raw.sqlite3_bind_int64(handle, parameter, value));
        held = new Binding(BindingKind.Number, value, null);
        return this;
    }

    public override SqliteStatement Bind(int parameter, long? value) => value is { } known ? Bind(parameter, known) : BindNull(parameter);

    public override SqliteStatement Bind(int parameter, string? value)
    {
        if (value is null) return BindNull(parameter);
        ref var held = ref _held[parameter];
        if (held.Kind is BindingKind.Text && held.Text == value) return this;
        Span<byte> stack = stackalloc byte[StackText];
        var utf8 = Encoding.UTF8.GetMaxByteCount(value.Length) <= StackText ? stack : new byte[Encoding.UTF8.GetByteCount(value)];
        // The address of an empty span is none, and would bind null.
        session.Check(value.Length == 0
            ? raw.sqlite3_bind_text(handle, parameter, "")
            : raw.sqlite3_bind_text(handle, parameter, (ReadOnlySpan<byte>)utf8[..Encoding.UTF8.GetBytes(value, utf8)]));
        // Long text is not kept alive for the chance that it comes again.
        held = value.Length <= StackText ? new Binding(BindingKind.Text, 0, value) : new Binding(BindingKind.Bytes, 0, null);
        return this;
    }

    public override SqliteStatement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        session.Check(raw.sqlite3_bind_blob(handle, parameter, value));
        _held[parameter] = new Binding(BindingKind.Bytes, 0, null);
        return this;
    }

    public override SqliteStatement Bind(int parameter, byte[]? value) => value is null ? BindNull(parameter) : Bind(parameter, value.AsSpan());

    public override SqliteStatement Bind(int parameter, JobId value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        return Bind(parameter, bytes);
    }

    public override SqliteStatement Bind(int parameter, JobId? value) => value is { } known ? Bind(parameter, known) : BindNull(parameter);

    private SqliteStatement BindNull(int parameter)
    {
        ref var held = ref _held[parameter];
        if (held.Kind is BindingKind.Null) return this;
        session.Check(raw.sqlite3_bind_null(handle, parameter));
        held = default;
        return this;
    }

    /// <summary>True: there is a row to read.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(handle);
        session.Check(code);
        return code == raw.SQLITE_ROW;
    }

    public override ValueTask<bool> StepAsync() => ValueTask.FromResult(Step());

    public override ValueTask<int> ExecuteAsync() => ValueTask.FromResult(Execute());

    public override void Send() => Execute();

    public int Execute()
    {
        using (this)
        {
            while (Step())
            {
            }
            return session.Changes;
        }
    }

    public override bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    public override long Int64(int column) => raw.sqlite3_column_int64(handle, column);

    public override string? Text(int column) => IsNull(column) ? null : raw.sqlite3_column_text(handle, column).utf8_to_string();

    public override byte[]? Blob(int column) => IsNull(column) ? null : raw.sqlite3_column_blob(handle, column).ToArray();

    public override ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(handle, column);

    public override JobId JobId(int column) => Headway.JobId.FromBytes(raw.sqlite3_column_blob(handle, column));

    public override void Dispose()
    {
        if (cached) raw.sqlite3_reset(handle);
        else handle.Dispose();
    }

    internal void Close() => handle.Dispose();

    private enum BindingKind { Null, Number, Text, Bytes }

    // A statement begins with nulls. Bytes are bound anew each time: they hardly ever come twice.
    private readonly record struct Binding(BindingKind Kind, long Number, string? Text);
}
