using System.CommandLine;
using System.Text.Json;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class KeysListCommand : RemoteVerb
{
    private readonly Option<bool> _all = new("--all") { Description = "Also keys that were revoked or have expired." };

    public KeysListCommand(Terminal terminal, GlobalOptions global) : base("list", "Lists API keys, the newest first.", "headway keys list --all", terminal, global) => Add(_all);

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var keys = await client.KeysAsync(line.GetValue(_all), stop);
        if (IsJson(line)) await Terminal.Out.WriteLineAsync(JsonSerializer.Serialize(new KeyListRecord(keys), HeadwayJson.Wire.KeyListRecord));
        else KeyView.Write(Terminal, keys);
        return ExitCode.Ok;
    }
}

internal sealed class KeysRotateCommand : RemoteVerb
{
    private readonly Argument<string> _id = NameArgument.Create("KEY", "Its id: hw_ and 12 characters.");
    private readonly Option<TimeSpan?> _overlap = TimeOptions.Span("--overlap", "So long the text before is good, too; at most 30d. Default: a day.");

    public KeysRotateCommand(Terminal terminal, GlobalOptions global)
        : base("rotate", "Gives a key a new text, and tells it once; the one before is good for a while longer.", "headway keys rotate hw_4m2k9d7x0q5c --overlap 2h", terminal, global)
    {
        Add(_id);
        Add(_overlap);
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        await KeyView.WriteNewAsync(Terminal, await client.RotateKeyAsync(line.GetRequiredValue(_id), line.GetValue(_overlap), stop), IsJson(line));
        return ExitCode.Ok;
    }
}

internal sealed class KeysRevokeCommand : RemoteVerb
{
    private readonly Argument<string> _id = NameArgument.Create("KEY", "Its id: hw_ and 12 characters.");

    public KeysRevokeCommand(Terminal terminal, GlobalOptions global)
        : base("revoke", "Ends a key for good, on all nodes within seconds.", "headway keys revoke hw_4m2k9d7x0q5c", terminal, global) => Add(_id);

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var key = await client.RevokeKeyAsync(line.GetRequiredValue(_id), stop);
        await Terminal.Out.WriteLineAsync(IsJson(line) ? JsonSerializer.Serialize(key, HeadwayJson.Wire.KeyRecord) : $"{key.Id} is revoked");
        return ExitCode.Ok;
    }
}
