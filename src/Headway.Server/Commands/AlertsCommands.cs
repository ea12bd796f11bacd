using System.CommandLine;
using System.Text.Json;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class AlertsListCommand : RemoteVerb
{
    private readonly Option<string?> _state = new("--state") { Description = "open, acknowledged, over or all. Default: those that are open or acknowledged.", HelpName = "STATE" };
    private readonly Option<string?> _kind = new("--kind") { Description = "One kind of alert, such as dead-letters or queue-age. Default: all.", HelpName = "KIND" };

    public AlertsListCommand(Terminal terminal, GlobalOptions global)
        : base("list", "Lists what operators are told of, newest first.", "headway alerts list --state all", terminal, global)
    {
        Add(_state);
        Add(_kind);
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var list = await client.AlertsAsync(line.GetValue(_state), line.GetValue(_kind), stop: stop);
        if (IsJson(line)) await Terminal.Out.WriteLineAsync(JsonSerializer.Serialize(list, HeadwayJson.Wire.AlertListRecord));
        else AlertView.Write(Terminal, list.Alerts);
        return ExitCode.Ok;
    }
}

internal sealed class AlertsShowCommand : RemoteVerb
{
    private readonly Argument<string> _id = NameArgument.Create("ALERT", "Its id: alt_ and 32 hex digits.");

    public AlertsShowCommand(Terminal terminal, GlobalOptions global)
        : base("show", "Shows an alert.", "headway alerts show alt_0195512f7b1c7c7e9a3b2f4d5e6f7a8b", terminal, global) => Add(_id);

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        await AlertView.WriteOneAsync(Terminal, await client.AlertAsync(line.GetRequiredValue(_id), stop), IsJson(line));
        return ExitCode.Ok;
    }
}

internal sealed class AlertsAcknowledgeCommand : RemoteVerb
{
    private readonly Argument<string> _id = NameArgument.Create("ALERT", "Its id: alt_ and 32 hex digits.");
    private readonly Option<string?> _note = new("--note") { Description = "For other operators, at most 500 characters, without anybody's data.", HelpName = "TEXT" };

    public AlertsAcknowledgeCommand(Terminal terminal, GlobalOptions global)
        : base("acknowledge", "Says that somebody looks after an alert: it is quiet from then on, unless it doubles.", "headway alerts acknowledge alt_0195512f7b1c7c7e9a3b2f4d5e6f7a8b --note \"the model is down\"", terminal, global)
    {
        Add(_id);
        Add(_note);
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        await AlertView.WriteOneAsync(Terminal, await client.AcknowledgeAlertAsync(line.GetRequiredValue(_id), line.GetValue(_note), stop), IsJson(line));
        return ExitCode.Ok;
    }
}
