using SQLitePCL;

namespace Headway.Storage.Sqlite;

/// <summary>SQLite's result codes as our errors, each with its cure.</summary>
internal static class SqliteFault
{
    public static StorageException From(int code, string file, string text) => (code & 0xff) switch
    {
        raw.SQLITE_FULL => new("storage-full", $"The disk that holds {file} is full. Free space; what was accepted is safe, and calls are accepted again by themselves."),
        raw.SQLITE_READONLY => new("storage-read-only", $"{file} cannot be written ({text}). Give the process the right to write the file and its folder."),
        raw.SQLITE_CANTOPEN => new("storage-unavailable", $"{file} cannot be opened ({text}). Check that its folder exists and can be written."),
        raw.SQLITE_IOERR => new("storage-unavailable", $"The disk that holds {file} failed ({text})."),
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new("storage-corrupt", $"{file} is not a sound SQLite database ({text}). Restore a copy."),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new("storage-unavailable", $"{file} is locked by another program ({text})."),
        raw.SQLITE_CONSTRAINT => new("storage-conflict", text),
        _ => new("storage-unavailable", $"{file}: SQLite error {code} ({text})."),
    };
}
