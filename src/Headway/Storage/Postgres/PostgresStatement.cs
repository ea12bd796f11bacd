using System.Text;
using System.Threading.Tasks.Sources;
using NpgsqlTypes;

namespace Headway.Storage.Postgres;

/// <summary>One asking of a statement: what is bound, and once it was answered its rows. Used once.</summary>
internal sealed class PostgresStatement(PostgresSession session, PostgresText text) : Statement, IValueTaskSource<bool>
{
    private const int MostParameters = 64;

    private readonly List<object[]> _rows = [];
    private Value[] _values = new Value[8];
    private int _current = -1;
    private int _touched;
    private bool _answered;
    private ManualResetValueTaskSourceCore<bool> _waiting;

    public PostgresText Words { get; } = text;

    /// <summary>How many parameters are bound.</summary>
    public int Count { get; private set; }

    /// <summary>Whether somebody waits for the answer.</summary>
    public bool IsAwaited { get; private set; }

    /// <summary>The element of a set that it is, from 1.</summary>
    public int Ordinal { get; set; }

    public Value this[int parameter] => _values[parameter - 1];

    public override Statement Bind(int parameter, long value) => Set(parameter, new Value(NpgsqlDbType.Bigint, value, null));

    public override Statement Bind(int parameter, long? value) => Set(parameter, new Value(NpgsqlDbType.Bigint, value ?? 0, value is null ? DBNull.Value : null));

    public override Statement Bind(int parameter, string? value) => Set(parameter, new Value(NpgsqlDbType.Text, 0, value is null ? DBNull.Value : Storable(value)));

    public override Statement Bind(int parameter, ReadOnlySpan<byte> value) => Set(parameter, new Value(NpgsqlDbType.Bytea, 0, value.ToArray()));

    public override Statement Bind(int parameter, byte[]? value) => Set(parameter, new Value(NpgsqlDbType.Bytea, 0, value ?? (object)DBNull.Value));

    public override Statement Bind(int parameter, JobId value) => Set(parameter, new Value(NpgsqlDbType.Uuid, 0, value.Value));

    public override Statement Bind(int parameter, JobId? value) => Set(parameter, new Value(NpgsqlDbType.Uuid, 0, value is { } id ? id.Value : DBNull.Value));

    // What PostgreSQL's texts cannot hold, a zero and half of a pair, must not make what somebody sent, or a model said, a thing that cannot be written.
    private static string Storable(string text) => !text.Contains('\0', StringComparison.Ordinal) && !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')
        ? text
        : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Replace('\0', '\uFFFD')));

    private PostgresStatement Set(int parameter, Value value)
    {
        if (parameter > _values.Length) Array.Resize(ref _values, MostParameters);
        _values[parameter - 1] = value;
        Count = Math.Max(Count, parameter);
        return this;
    }

    public override ValueTask<bool> StepAsync() => _answered ? ValueTask.FromResult(++_current < _rows.Count) : Ask();

    public override async ValueTask<int> ExecuteAsync()
    {
        if (!_answered) await Ask().ConfigureAwait(false);
        return Words.GivesRows ? _rows.Count : _touched;
    }

    public override void Send() => session.Add(this);

    private ValueTask<bool> Ask()
    {
        IsAwaited = true;
        session.Add(this);
        // In a blocking session it is answered by now.
        return _answered ? ValueTask.FromResult(_rows.Count > 0) : new ValueTask<bool>(this, _waiting.Version);
    }

    /// <summary>A row that the server gave.</summary>
    public void Take(object[] row) => _rows.Add(row);

    public void Touched(int rows) => _touched = rows;

    /// <summary>All rows have come; who waited goes on, on this thread.</summary>
    public void Answer()
    {
        _answered = true;
        if (!IsAwaited) return;
        _current = 0;
        _waiting.SetResult(_rows.Count > 0);
    }

    public void Fail(Exception error)
    {
        if (IsAwaited && !_answered) _waiting.SetException(error);
    }

    public override bool IsNull(int column) => _rows[_current][column] is DBNull;

    public override long Int64(int column) => _rows[_current][column] switch
    {
        long number => number,
        int number => number,
        short number => number,
        bool truth => truth ? 1 : 0,
        // What a sum of many numbers is.
        decimal number => (long)number,
        _ => 0,
    };

    public override string? Text(int column) => _rows[_current][column] as string;

    public override byte[]? Blob(int column) => _rows[_current][column] as byte[];

    public override ReadOnlySpan<byte> Bytes(int column) => Blob(column);

    public override JobId JobId(int column) => new((Guid)_rows[_current][column]);

    public override void Dispose()
    {
        // Used once: there is nothing to make ready again.
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _waiting.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _waiting.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _waiting.OnCompleted(continuation, state, token, flags);

    /// <summary>What a parameter holds: a number, or whatever else.</summary>
    internal readonly record struct Value(NpgsqlDbType Type, long Number, object? Other)
    {
        // A type of zero is none.
        public bool IsBound => Type != default;

        public bool IsNull => Other is DBNull;

        public object Boxed => Other ?? Number;
    }
}
