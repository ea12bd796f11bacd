using Npgsql;

namespace Headway.Storage.Postgres;

/// <summary>postgres://USER:PASSWORD@HOST:PORT/DATABASE?OPTION=VALUE, as libpq and every hosting service write it.</summary>
internal sealed record PostgresAddress(string ConnectionString)
{
    // Statements of this program, with room: none is parsed twice on a connection.
    private const int StatementsKept = 400;

    /// <summary>HOST:PORT and DATABASE and USER, to be shown: what an address holds but for its password.</summary>
    public required string Server { get; init; }
    public required string Database { get; init; }
    public required string User { get; init; }

    /// <summary>Whether an address is of this kind at all.</summary>
    public static bool Is(string address) =>
        address.StartsWith("postgres://", StringComparison.Ordinal) || address.StartsWith("postgresql://", StringComparison.Ordinal);

    /// <exception cref="StorageException">`storage-unavailable`: the address cannot be read.</exception>
    public static PostgresAddress Parse(string address)
    {
        var (authority, path, query) = Split(address);
        var at = authority.LastIndexOf('@');
        var user = at < 0 ? [] : authority[..at].Split(':', 2);
        var builder = new NpgsqlConnectionStringBuilder
        {
            MaxAutoPrepare = StatementsKept,
            AutoPrepareMinUsages = 2,
            ApplicationName = "headway",
            // A server that hangs must not hold the writer for ever.
            CommandTimeout = 60,
            Timeout = 10,
            KeepAlive = 30,
            // Readers leave nothing in a session, and to clean it all the same costs as much as a small reading.
            NoResetOnClose = true,
            IncludeErrorDetail = false,
        };
        SetHost(builder, authority[(at + 1)..]);
        if (path.Length > 0) builder.Database = Uri.UnescapeDataString(path);
        if (user is [{ Length: > 0 }, ..]) builder.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length > 1) builder.Password = Uri.UnescapeDataString(user[1]);
        foreach (var option in query.Split('&', StringSplitOptions.RemoveEmptyEntries)) Set(builder, option.Split('=', 2));
        if (builder.Host is not { Length: > 0 }) throw Unreadable("it has no host");
        return new PostgresAddress(builder.ConnectionString)
        {
            Server = $"{builder.Host}:{builder.Port}",
            User = builder.Username ?? Environment.UserName,
            Database = builder.Database ?? builder.Username ?? Environment.UserName,
        };
    }

    private static (string Authority, string Path, string Query) Split(string address)
    {
        var rest = address[(address.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var question = rest.IndexOf('?', StringComparison.Ordinal);
        var query = question < 0 ? "" : rest[(question + 1)..];
        var before = question < 0 ? rest : rest[..question];
        var slash = before.IndexOf('/', StringComparison.Ordinal);
        var path = slash < 0 ? "" : before[(slash + 1)..];
        // What looks like a host or a database is then half a password.
        if (path.Contains('@', StringComparison.Ordinal) || query.Contains('@', StringComparison.Ordinal) || rest.Contains('#', StringComparison.Ordinal))
        {
            throw Unreadable("in a user, a password and an option, / is written %2F, ? is %3F, # is %23 and @ is %40");
        }
        return (slash < 0 ? before : before[..slash], path, query);
    }

    // HOST, HOST:PORT, [::1] or [::1]:PORT.
    private static void SetHost(NpgsqlConnectionStringBuilder builder, string host)
    {
        var colon = host.LastIndexOf(':');
        var hasPort = colon >= 0 && !host.EndsWith(']') && (host.StartsWith('[') || host.IndexOf(':', StringComparison.Ordinal) == colon);
        if (hasPort)
        {
            if (!ushort.TryParse(host.AsSpan(colon + 1), out var port) || port == 0) throw Unreadable("its port is no number from 1 to 65535");
            builder.Port = port;
            host = host[..colon];
        }
        if (host.Length > 0) builder.Host = Uri.UnescapeDataString(host.Trim('[', ']'));
    }

    private static void Set(NpgsqlConnectionStringBuilder builder, string[] option)
    {
        var name = option[0] switch { "sslmode" => "SSL Mode", "sslrootcert" => "Root Certificate", "connect_timeout" => "Timeout", "application_name" => "Application Name", _ => option[0] };
        var value = option.Length > 1 ? Uri.UnescapeDataString(option[1]) : "";
        try
        {
            // libpq writes verify-full, Npgsql VerifyFull; host=/run/postgresql names a socket.
            builder[name] = name is "SSL Mode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
        }
        catch (Exception error) when (error is ArgumentException or FormatException or InvalidCastException or KeyNotFoundException or OverflowException)
        {
            throw Unreadable(option[0].All(letter => char.IsAsciiLetter(letter) || letter is '_') ? $"the option '{option[0]}' is not known or has a value that is not" : "an option is not known");
        }
    }

    // Never the address itself: it holds a password.
    private static StorageException Unreadable(string why) =>
        new("storage-unavailable", $"The database address cannot be read: {why}. It must be postgres://USER:PASSWORD@HOST:PORT/DATABASE.");
}
