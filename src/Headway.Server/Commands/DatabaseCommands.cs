using System.CommandLine;
using Headway.Storage;

namespace Headway.Server.Commands;

/// <summary>What the owner of a PostgreSQL database does where nodes run as a role that may less.</summary>
internal abstract class DatabaseCommand : Verb
{
    private readonly Option<string?> _database = new("--database")
    {
        Description = "The database, as its owner: postgres://USER:PASSWORD@HOST:PORT/DATABASE. Default: HEADWAY_DATABASE.",
        HelpName = "postgres://…",
    };

    protected DatabaseCommand(Terminal terminal, string name, string description, string example) : base(name, description, example)
    {
        Terminal = terminal;
        Add(_database);
        SetAction(Invoke);
    }

    protected Terminal Terminal { get; }

    /// <summary>False: it is a file, and there is nothing to do.</summary>
    protected abstract bool Do(ParseResult line, string address);

    private int Invoke(ParseResult line)
    {
        if ((line.GetValue(_database) ?? Terminal.Environment("HEADWAY_DATABASE")) is not { } address) return Refuse(ExitCode.Usage, "Name the database with --database or HEADWAY_DATABASE.");
        try
        {
            return Do(line, address) ? ExitCode.Ok : Refuse(ExitCode.Usage, "This is for postgres://… only: a file has no roles, and is brought up to date by the node that opens it.");
        }
        catch (StorageException refused)
        {
            return Refuse(ExitCode.Refused, $"{refused.Code}: {refused.Message}");
        }
    }

    private int Refuse(int code, string reason)
    {
        Terminal.Error.WriteLine(reason);
        return code;
    }
}

internal sealed class DatabaseMigrateCommand(Terminal terminal) : DatabaseCommand(terminal, "migrate",
    "Brings the tables of a PostgreSQL database up to date, so that nodes may start whose role may not.", "headway database migrate --database postgres://owner@db.internal/headway")
{
    protected override bool Do(ParseResult line, string address)
    {
        if (Database.Migrate(address) is not { } applied) return false;
        Terminal.Out.WriteLine(applied == 0 ? "The tables are up to date." : $"{applied} migrations applied.");
        return true;
    }
}

internal sealed class DatabaseGrantsCommand : DatabaseCommand
{
    private readonly Argument<string> _role = new("ROLE") { Description = "The role that nodes run as." };

    public DatabaseGrantsCommand(Terminal terminal) : base(terminal, "grants",
        "Writes the statements that let a role run nodes and no more. Their owner runs them, again after each migration.", "headway database grants headway_node | psql postgres://owner@db.internal/headway") => Add(_role);

    protected override bool Do(ParseResult line, string address)
    {
        if (Database.GrantsFor(line.GetValue(_role)!, address) is not { } statements) return false;
        Terminal.Out.Write(statements);
        return true;
    }
}
