using System.CommandLine;
using System.Text.Json;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class EndpointsTestCommand : RemoteVerb
{
    private readonly Argument<string> _name = NameArgument.Create("NAME", "Name of the endpoint.");

    public EndpointsTestCommand(Terminal terminal, GlobalOptions global)
        : base("test", "Sends an event of the type test to an endpoint, once, and tells what became of it.", "headway endpoints test app", terminal, global) => Add(_name);

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var delivery = await client.TestEndpointAsync(line.GetRequiredValue(_name), stop);
        if (IsJson(line)) await Terminal.Out.WriteLineAsync(JsonSerializer.Serialize(delivery, HeadwayJson.Wire.DeliveryRecord));
        else DeliveryTable.Write(Terminal, [delivery]);
        return delivery.State == "delivered" ? ExitCode.Ok : ExitCode.Refused;
    }
}
