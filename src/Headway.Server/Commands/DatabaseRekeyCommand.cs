using System.CommandLine;
using Headway.Payloads;
using Headway.Storage;

namespace Headway.Server.Commands;

/// <summary>Puts another master key in force.</summary>
internal sealed class DatabaseRekeyCommand : Verb
{
    private readonly Terminal _terminal;

    private readonly Option<string?> _database = new("--database")
    {
        Description = "The database: sqlite:FILE that no server has open, or postgres://USER:PASSWORD@HOST:PORT/DATABASE. Default: HEADWAY_DATABASE.",
        HelpName = "ADDRESS",
    };

    private readonly Option<string?> _keyFile = new("--key-file")
    {
        Description = "The key file, where the key is not in HEADWAY_MASTER_KEY. Default: FILE.key beside a file.",
        HelpName = "FILE",
    };

    public DatabaseRekeyCommand(Terminal terminal) : base("rekey",
        "Puts another master key in force: HEADWAY_NEXT_MASTER_KEY, or a new key file. Nothing that was sealed is written anew.", "headway database rekey --database sqlite:headway.db")
    {
        _terminal = terminal;
        Add(_database);
        Add(_keyFile);
        SetAction(InvokeAsync);
    }

    private async Task<int> InvokeAsync(ParseResult line, CancellationToken stop)
    {
        if ((line.GetValue(_database) ?? _terminal.Environment("HEADWAY_DATABASE")) is not { } address) return Refuse(ExitCode.Usage, "Name the database with --database or HEADWAY_DATABASE.");
        try
        {
            var file = address.StartsWith("sqlite:", StringComparison.Ordinal) ? Database.FileOf(address) : null;
            if (file is not null && !File.Exists(file)) return Refuse(ExitCode.Usage, $"There is no database {file}.");
            var keyFile = line.GetValue(_keyFile) ?? (file is null ? "headway.yaml.key" : MasterKeySource.Beside(file));
            var source = new MasterKeySource(_terminal.Environment(MasterKey.Variable), keyFile, MayMake: false) { Next = _terminal.Environment(MasterKey.NextVariable) };
            var tenants = await MasterKeyChange.ApplyAsync(address, source);
            await _terminal.Out.WriteLineAsync(tenants is { } count ? $"The next master key is in force; the keys of {count} tenants are wrapped with it." : "The next master key was in force already.");
            await _terminal.Out.WriteLineAsync(source.UsesFile && string.IsNullOrWhiteSpace(source.Next)
                ? $"It is in {keyFile}. Keep a copy apart from the database, and the former one, which is beside it, as long as any backup that was made under it."
                : $"Give it to every node as {MasterKey.Variable} and take {MasterKey.NextVariable} away. Keep the former key as long as any backup that was made under it.");
            return ExitCode.Ok;
        }
        catch (StorageException refused)
        {
            return Refuse(ExitCode.Refused, $"{refused.Code}: {refused.Message}");
        }
        catch (MasterKeyException refused)
        {
            return Refuse(ExitCode.Refused, refused.Message);
        }
    }

    private int Refuse(int code, string reason)
    {
        _terminal.Error.WriteLine(reason);
        return code;
    }
}
