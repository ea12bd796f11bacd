using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace Headway.Storage.Sqlite;

/// <summary>
/// Chooses the native SQLite: the system's if it is newer than the bundled one, because the bundled one predates fixes
/// (docs/decisions/0003). Loaded once a process.
/// </summary>
internal static class SqliteLibrary
{
    // SQLITE_CONFIG_MEMSTATUS
    private const int ConfigMemoryStatus = 9;

    // The WAL-reset corruption is mended from this version on.
    private const int Sound = 3_051_003;

    private static readonly string[] SystemNames = ["libsqlite3.so.0", "libsqlite3.dylib", "winsqlite3"];
    private static readonly Lock Gate = new();
    private static bool _loaded;

    public static string Version => raw.sqlite3_libversion().utf8_to_string();

    public static void Load(ILogger logger)
    {
        lock (Gate)
        {
            if (_loaded) return;
            NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
            Batteries_V2.Init();
            // Counting memory takes a lock at every allocation, shared by all connections; nobody reads the counts.
            raw.sqlite3_config(ConfigMemoryStatus, 0);
            _loaded = true;
        }
        logger.LogInformation("SQLite {Version}", Version);
        if (raw.sqlite3_libversion_number() < Sound)
        {
            logger.LogWarning("SQLite {Version} is older than 3.51.3, which mends a rare corruption when a write-ahead log is reset. Install a newer libsqlite3 to be safe.", Version);
        }
    }

    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? search)
    {
        if (name != "e_sqlite3") return IntPtr.Zero;
        var bundled = NativeLibrary.TryLoad(name, assembly, search, out var handle) ? handle : IntPtr.Zero;
        var best = (Handle: bundled, Version: VersionOf(bundled));
        foreach (var system in SystemNames)
        {
            if (!NativeLibrary.TryLoad(system, out var candidate)) continue;
            if (VersionOf(candidate) > best.Version) best = (candidate, VersionOf(candidate));
        }
        return best.Handle;
    }

    private static int VersionOf(IntPtr library) =>
        library != IntPtr.Zero && NativeLibrary.TryGetExport(library, "sqlite3_libversion_number", out var function)
            ? Marshal.GetDelegateForFunctionPointer<LibraryVersion>(function)()
            : 0;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int LibraryVersion();
}
