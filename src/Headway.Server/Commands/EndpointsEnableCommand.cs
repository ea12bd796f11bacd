using System.CommandLine;
using System.Text.Json;
using Headway.Client;

namespace Headway.Server.Commands;

internal sealed class EndpointsEnableCommand : RemoteVerb
{
    private readonly Argument<string> _name = NameArgument.Create("NAME", "Name of the endpoint.");

    public EndpointsEnableCommand(Terminal terminal, GlobalOptions global)
        : base("enable", "Lets an endpoint have what waits for it, whatever it answered before.", "headway endpoints enable app", terminal, global) => Add(_name);

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var endpoint = await client.EnableEndpointAsync(line.GetRequiredValue(_name), stop);
        await Terminal.Out.WriteLineAsync(IsJson(line) ? JsonSerializer.Serialize(endpoint, HeadwayJson.Wire.EndpointRecord) : $"{endpoint.Name} is {endpoint.State}");
        return ExitCode.Ok;
    }
}
