using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Headway.Tests.Storage;

/// <summary>A PostgreSQL server of this test run's own: on loopback, on a port of its own, in a temporary folder, stopped when the process ends.</summary>
internal sealed class PostgresCluster : IDisposable
{
    private static readonly Lazy<PostgresCluster> Fast = new(() => Start(durable: false));

    private readonly string _folder;
    private Process? _server;
    private int _databases;

    private PostgresCluster(string folder, int port) => (_folder, Port) = (folder, port);

    /// <summary>One for all tests that need no durability: it does not wait for the disk.</summary>
    public static PostgresCluster Shared => Fast.Value;

    public int Port { get; }

    public int ProcessId => _server!.Id;

    /// <param name="settings">Lines of its configuration, beside its own.</param>
    public static PostgresCluster Start(bool durable, params string[] settings)
    {
        var cluster = new PostgresCluster(Directory.CreateTempSubdirectory("headway-postgres-").FullName, FreePort());
        AppDomain.CurrentDomain.ProcessExit += (_, _) => cluster.Dispose();
        // The server refuses to be run by root: its folder belongs to the user that Debian's package made.
        if (IsRoot) Run("chown", "postgres", cluster._folder);
        AsServer("initdb", "-D", cluster.Data, "-U", "headway", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C");
        File.AppendAllLines(Path.Combine(cluster.Data, "postgresql.conf"),
        [
            "listen_addresses = '127.0.0.1'", $"port = {cluster.Port}", $"unix_socket_directories = '{cluster._folder}'", "max_connections = 300", "shared_buffers = 256MB", "log_min_messages = fatal", "autovacuum_naptime = 1h", "log_checkpoints = off", "logging_collector = on", $"log_directory = '{cluster._folder}'",
            .. durable ? Array.Empty<string>() : ["fsync = off", "full_page_writes = off"], .. settings,
        ]);
        // One who must bring a password; all others are trusted.
        var rules = Path.Combine(cluster.Data, "pg_hba.conf");
        File.WriteAllLines(rules, ["host all guarded 127.0.0.1/32 scram-sha-256", .. File.ReadAllLines(rules)]);
        cluster.Begin();
        return cluster;
    }

    private string Data => Path.Combine(_folder, "data");

    /// <summary>The address of a new, empty database.</summary>
    public string NewDatabase() => Make("");

    /// <summary>The same, for a role that owns nothing and may what `headway database grants` says.</summary>
    /// <param name="role">A name that needs no quotes.</param>
    public string NewDatabaseFor(string role)
    {
        var owners = NewDatabase();
        Headway.Storage.Database.Migrate(owners);
        Grant(owners, role);
        return owners.Replace("headway@", $"{role}@", StringComparison.Ordinal);
    }

    public static void Grant(string owners, string role)
    {
        using var connection = Connect(owners);
        using var grant = new NpgsqlCommand($"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$; {Headway.Storage.Database.GrantsFor(role, owners)}", connection);
        grant.ExecuteNonQuery();
    }

    /// <summary>The address of a copy of a database that nobody uses.</summary>
    public string CopyOf(string address) => Make($"TEMPLATE {new Uri(address).AbsolutePath[1..]}");

    private string Make(string from)
    {
        var name = $"t{Interlocked.Increment(ref _databases)}";
        using var connection = Connect($"postgres://127.0.0.1:{Port}/postgres");
        using var create = new NpgsqlCommand($"CREATE DATABASE {name} {from} STRATEGY wal_log", connection);
        create.ExecuteNonQuery();
        return $"postgres://headway@127.0.0.1:{Port}/{name}";
    }

    /// <summary>A connection past the engine, to a database of any cluster.</summary>
    public static NpgsqlConnection Connect(string address)
    {
        var uri = new Uri(address);
        var connection = new NpgsqlConnection($"Host={uri.Host};Port={uri.Port};Username=headway;Database={uri.AbsolutePath[1..]};Pooling=false");
        connection.Open();
        return connection;
    }

    /// <summary>Ends all connections of nodes to a database, in whatever they are.</summary>
    public static void EndConnections(string address)
    {
        using var connection = Connect($"postgres://127.0.0.1:{new Uri(address).Port}/postgres");
        using var end = new NpgsqlCommand($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{new Uri(address).AbsolutePath[1..]}' AND application_name = 'headway'", connection);
        end.ExecuteNonQuery();
    }

    /// <summary>Starts the server on its data, and waits until it answers.</summary>
    public void Begin()
    {
        _server = Process.Start(Command("postgres", "-D", Data))!;
        for (var i = 0; i < 300; i++)
        {
            try
            {
                using var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={Port};Username=headway;Database=postgres;Pooling=false;Timeout=5");
                connection.Open();
                return;
            }
            catch (NpgsqlException) when (!_server.HasExited)
            {
                Thread.Yield();
                _server.WaitForExit(TimeSpan.FromMilliseconds(100));
            }
        }
        throw new InvalidOperationException("PostgreSQL did not start.");
    }

    /// <summary>Ends it at once, connections and all; what was committed stays.</summary>
    public void End()
    {
        if (_server is null || _server.HasExited) return;
        AsServer("pg_ctl", "stop", "-D", Data, "-m", "immediate", "-w");
        _server.WaitForExit(TimeSpan.FromSeconds(20));
    }

    private static void AsServer(params string[] command)
    {
        using var process = Process.Start(Command(command[0], command[1..]))!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{command[0]} ended with {process.ExitCode}.");
    }

    private static ProcessStartInfo Command(string program, params string[] arguments)
    {
        var path = Path.Combine(Programs, program);
        string[] whole = IsRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments] : [path, .. arguments];
        return new ProcessStartInfo(whole[0], whole[1..]) { RedirectStandardOutput = true, RedirectStandardError = false };
    }

    // Debian keeps the programs of each version apart; the newest will do.
    private static string Programs { get; } =
        Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin")).Last() : "";

    private static bool IsRoot => Environment.UserName is "root";

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    public void Dispose()
    {
        try
        {
            End();
        }
        finally
        {
            // Hundreds of databases: nobody waits for it, least of all a process that is to end.
            if (Directory.Exists(_folder)) Process.Start("rm", ["-rf", _folder]).Dispose();
        }
    }
}
