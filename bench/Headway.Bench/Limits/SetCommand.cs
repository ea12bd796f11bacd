using System.Text.RegularExpressions;
using Headway.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Headway.Bench.Limits;

/// <summary>One of Headway's own statements for PostgreSQL, which take an array for each parameter, with made-up rows.</summary>
internal sealed partial class SetCommand
{
    private readonly string _text;
    private readonly List<NpgsqlDbType> _types = [];

    public SetCommand(string path)
    {
        _text = Sql.At(path).Postgres.Text;
        foreach (var cast in Cast().Matches(_text).OrderBy(cast => int.Parse(cast.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).DistinctBy(cast => cast.Groups[1].Value))
        {
            _types.Add(cast.Groups[2].Value switch { "uuid" => NpgsqlDbType.Uuid, "bigint" => NpgsqlDbType.Bigint, "bytea" => NpgsqlDbType.Bytea, _ => NpgsqlDbType.Text });
        }
    }

    /// <param name="value">Of a parameter, counted from 1, in a row, counted from 0; null: none.</param>
    public NpgsqlBatchCommand With(int rows, Func<int, int, object?> value)
    {
        var command = new NpgsqlBatchCommand(_text);
        for (var i = 0; i < _types.Count; i++)
        {
            var number = i + 1;
            command.Parameters.Add(_types[i] switch
            {
                NpgsqlDbType.Bigint => Column(number, rows, (parameter, row) => value(parameter, row) is { } whole ? Convert.ToInt64(whole, System.Globalization.CultureInfo.InvariantCulture) : (long?)null, _types[i]),
                NpgsqlDbType.Uuid => Column(number, rows, (parameter, row) => value(parameter, row) as Guid?, _types[i]),
                NpgsqlDbType.Bytea => Column(number, rows, (parameter, row) => value(parameter, row) as byte[], _types[i]),
                _ => Column(number, rows, (parameter, row) => value(parameter, row) as string, _types[i]),
            });
        }
        return command;
    }

    private static NpgsqlParameter<T[]> Column<T>(int parameter, int rows, Func<int, int, T> value, NpgsqlDbType type)
    {
        var column = new T[rows];
        for (var row = 0; row < rows; row++) column[row] = value(parameter, row);
        return new NpgsqlParameter<T[]> { TypedValue = column, NpgsqlDbType = NpgsqlDbType.Array | type };
    }

    [GeneratedRegex(@"\$(\d+)::(\w+)\[\]")]
    private static partial Regex Cast();
}
