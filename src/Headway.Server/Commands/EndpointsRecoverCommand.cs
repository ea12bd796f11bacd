using System.CommandLine;
using System.Text.Json;
using Headway.Client;

namespace Headway.Server.Commands;

internal sealed class EndpointsRecoverCommand : RemoteVerb
{
    private readonly Argument<string> _name = NameArgument.Create("NAME", "Name of the endpoint.");
    private readonly Option<DateTimeOffset> _since = new("--since") { Description = "Of jobs that ended at or after this time.", HelpName = "TIME", Required = true };

    public EndpointsRecoverCommand(Terminal terminal, GlobalOptions global)
        : base("recover", "Sends again what was given up for an endpoint since a time.", "headway endpoints recover app --since 2026-03-01T12:00:00Z", terminal, global)
    {
        Add(_name);
        Add(_since);
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var recovery = await client.RecoverEndpointAsync(line.GetRequiredValue(_name), line.GetValue(_since), stop);
        await Terminal.Out.WriteLineAsync(IsJson(line) ? JsonSerializer.Serialize(recovery, HeadwayJson.Wire.RecoveryRecord) : $"{recovery.Count} deliveries are sent again");
        if (recovery.More && !IsJson(line)) await Terminal.Out.WriteLineAsync("There may be more. Run it again to go on with them.");
        return ExitCode.Ok;
    }
}
