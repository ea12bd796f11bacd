using System.CommandLine;
using System.Text.Json;
using Headway.Client;

namespace Headway.Server.Commands;

internal sealed class DeliveriesReplayCommand : RemoteVerb
{
    private readonly Argument<string> _delivery = NameArgument.Create("DELIVERY", "Id of the delivery, as `headway jobs deliveries` tells it.");

    public DeliveriesReplayCommand(Terminal terminal, GlobalOptions global)
        : base("replay", "Sends a delivery again, whatever became of it; the receiver sees the same webhook-id.", "headway deliveries replay dlv_0195512f7b1c7c7e9a3b2f4d5e6f7a8b", terminal, global) => Add(_delivery);

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var delivery = await client.ReplayDeliveryAsync(line.GetRequiredValue(_delivery), stop);
        await Terminal.Out.WriteLineAsync(IsJson(line) ? JsonSerializer.Serialize(delivery, HeadwayJson.Wire.DeliveryRecord) : $"{delivery.Id} is sent again to {delivery.Endpoint}");
        return ExitCode.Ok;
    }
}
