using System.Runtime.CompilerServices;

namespace Headway.Tests.Storage;

/// <summary>A test of what only a file has: skipped, with that reason, where the tests run on PostgreSQL.</summary>
internal sealed class SqliteFactAttribute : FactAttribute
{
    public SqliteFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : base(file, line) =>
        (Skip, SkipType, SkipWhen) = ("On SQLite only.", typeof(TestDatabase), nameof(TestDatabase.IsPostgres));
}

/// <summary>A test of what only a server has: skipped, with that reason, where the tests run on SQLite.</summary>
internal sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : base(file, line) =>
        (Skip, SkipType, SkipWhen) = ("On PostgreSQL only.", typeof(TestDatabase), nameof(TestDatabase.IsSqlite));
}

/// <summary>As <see cref="SqliteFactAttribute"/>.</summary>
internal sealed class SqliteTheoryAttribute : TheoryAttribute
{
    public SqliteTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : base(file, line) =>
        (Skip, SkipType, SkipWhen) = ("On SQLite only.", typeof(TestDatabase), nameof(TestDatabase.IsPostgres));
}

/// <summary>As <see cref="PostgresFactAttribute"/>.</summary>
internal sealed class PostgresTheoryAttribute : TheoryAttribute
{
    public PostgresTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : base(file, line) =>
        (Skip, SkipType, SkipWhen) = ("On PostgreSQL only.", typeof(TestDatabase), nameof(TestDatabase.IsSqlite));
}
