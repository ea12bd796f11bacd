using System.CommandLine;
using System.Globalization;
using Headway.Access;
using Headway.AspNetCore.Access;
using Headway.Client;
using Headway.Features;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class KeysCreateCommand : RemoteVerb
{
    private readonly Argument<string> _name = NameArgument.Create("NAME", "What people call it.");
    private readonly Option<string[]> _roles = new("--role") { Description = "One of caller, operator, approver, auditor, worker, admin; may be given several times. Default: caller.", HelpName = "ROLE" };
    private readonly Option<string?> _tenant = new("--tenant") { Description = "Whose data it reaches. Default: the tenant of the key that makes it, which is `default` without one.", HelpName = "TENANT" };
    private readonly Option<bool> _allTenants = new("--all-tenants") { Description = "What it administers, steers for everybody, or works off as a pull worker is of all tenants." };
    private readonly Option<string[]> _features = new("--feature") { Description = "A feature or model that it may call; may be given several times. Default: all.", HelpName = "FEATURE" };
    private readonly Option<int> _priority = new("--max-priority") { Description = "The highest priority that its calls get, 0 to 9.", HelpName = "NUMBER", DefaultValueFactory = _ => 9 };
    private readonly Option<int?> _rate = new("--requests-per-minute") { Description = "Calls a minute, over all nodes. Default: no limit but that of its tenant.", HelpName = "NUMBER" };
    private readonly Option<DateTimeOffset?> _expires;
    private readonly Option<bool> _offline = new("--offline") { Description = "Writes into the database of the feature file, without a server: the first key of one that is to listen beyond loopback, or of somebody who has lost the last." };
    private readonly Option<string?> _file = new("--file", "-f") { Description = "With --offline: the feature file. Default: HEADWAY_FILE, else headway.yaml.", HelpName = "FILE" };
    private readonly Option<string?> _database = new("--database") { Description = "With --offline: where keys are kept. Default: as of `headway serve`.", HelpName = "sqlite:FILE|postgres://…" };
    private readonly GlobalOptions _global;

    public KeysCreateCommand(Terminal terminal, GlobalOptions global)
        : base("create", "Makes an API key, and tells it once.", "headway keys create backend --role caller --feature intake-triage --expires 90d", terminal, global)
    {
        (_global, _expires) = (global, ExpiresOption(terminal));
        foreach (Option option in new Option[] { _roles, _tenant, _allTenants, _features, _priority, _rate, _expires, _offline, _file, _database }) Add(option);
        Add(_name);
        SetAction((line, stop) => line.GetValue(_offline) ? OfflineAsync(line) : InvokeAsync(line, stop));
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        await KeyView.WriteNewAsync(Terminal, await client.CreateKeyAsync(WishOf(line), stop), IsJson(line));
        return ExitCode.Ok;
    }

    private async Task<int> OfflineAsync(ParseResult line)
    {
        var file = line.GetValue(_file) ?? Terminal.Environment("HEADWAY_FILE") ?? "headway.yaml";
        string? wrong = null;
        try
        {
            var options = new EngineOptions { File = Path.GetFullPath(file), Database = line.GetValue(_database) ?? Terminal.Environment("HEADWAY_DATABASE"), Environment = Terminal.Environment, Time = Terminal.Time };
            var (refusal, key, text) = await EngineKeys.CreateAsync(options, (features, now) =>
            {
                (wrong, var wish) = KeyWishes.Read(WishOf(line), Caller.Local, features, now);
                return wish;
            });
            if (key is null) return Refuse(ExitCode.Refused, wrong ?? KeyWishes.Why(refusal, ""));
            await KeyView.WriteNewAsync(Terminal, KeyEndpoints.Of(key, text), line.GetValue(_global.Json));
            return ExitCode.Ok;
        }
        catch (StartupException cannot)
        {
            return Refuse(ExitCode.Refused, cannot.Message);
        }
    }

    private KeyWishRecord WishOf(ParseResult line) => new()
    {
        Name = line.GetRequiredValue(_name),
        Tenant = line.GetValue(_tenant),
        AllTenants = line.GetValue(_allTenants),
        Roles = line.GetValue(_roles) is { Length: > 0 } roles ? roles : null,
        Features = line.GetValue(_features) is { Length: > 0 } features ? features : null,
        MaxPriority = line.GetValue(_priority),
        RequestsPerMinute = line.GetValue(_rate),
        Expires = line.GetValue(_expires),
    };

    private int Refuse(int code, string reason)
    {
        Terminal.Error.WriteLine(reason);
        return code;
    }

    private static Option<DateTimeOffset?> ExpiresOption(Terminal terminal) => new("--expires")
    {
        Description = "When it ends: a time, or how long from now. Default: never by itself.",
        HelpName = "TIME|DURATION",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (Duration.TryParse(text, out var span)) return terminal.Time.GetUtcNow() + span;
            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return time;
            result.AddError($"--expires: '{text}' is neither a time such as 2027-03-01T12:00Z nor a duration such as 90d.");
            return null;
        },
    };
}
