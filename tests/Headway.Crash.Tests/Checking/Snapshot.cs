using System.Data;
using Headway.Tests.Storage;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Headway.Crash.Tests.Checking;

/// <summary>A PostgreSQL database as it is at one moment, copied row by row into a file in memory: one set of rules reads both databases.</summary>
internal static class Snapshot
{
    public static void Fill(SqliteConnection copy, string address)
    {
        using var connection = PostgresCluster.Connect(address);
        using var moment = connection.BeginTransaction(IsolationLevel.RepeatableRead);
        using var writing = copy.BeginTransaction();
        foreach (var table in Tables(connection)) Copy(connection, copy, table);
        writing.Commit();
    }

    private static List<string> Tables(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'", connection);
        using var reader = command.ExecuteReader();
        var tables = new List<string>();
        while (reader.Read()) tables.Add(reader.GetString(0));
        return tables;
    }

    private static void Copy(NpgsqlConnection connection, SqliteConnection copy, string table)
    {
        using var command = new NpgsqlCommand($"SELECT * FROM {table}", connection);
        using var reader = command.ExecuteReader();
        var columns = Enumerable.Range(0, reader.FieldCount).ToList();
        using var make = copy.CreateCommand();
        make.CommandText = $"CREATE TABLE {table} ({string.Join(", ", columns.Select(column => $"\"{reader.GetName(column)}\""))})";
        make.ExecuteNonQuery();
        using var insert = copy.CreateCommand();
        insert.CommandText = $"INSERT INTO {table} VALUES ({string.Join(", ", columns.Select(column => $"$c{column}"))})";
        foreach (var column in columns) insert.Parameters.Add(new SqliteParameter($"$c{column}", null));
        while (reader.Read())
        {
            foreach (var column in columns) insert.Parameters[column].Value = Stored(reader.GetValue(column));
            insert.ExecuteNonQuery();
        }
    }

    // As SQLite would have stored it.
    private static object Stored(object value) => value switch
    {
        Guid id => id.ToByteArray(bigEndian: true),
        bool yes => yes ? 1L : 0L,
        DBNull or byte[] or long or int or short or string or double => value,
        decimal number => (double)number,
        _ => value.ToString()!,
    };
}
