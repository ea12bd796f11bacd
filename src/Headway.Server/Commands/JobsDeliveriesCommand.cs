using System.CommandLine;
using System.Text.Json;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class JobsDeliveriesCommand : RemoteVerb
{
    private readonly Argument<string> _job = JobsShowCommand.JobArgument();

    public JobsDeliveriesCommand(Terminal terminal, GlobalOptions global)
        : base("deliveries", "Shows what endpoints were told of a job's end, and each try.", "headway jobs deliveries job_0195512f7b1c7c7e9a3b2f4d5e6f7a8b", terminal, global) => Add(_job);

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var deliveries = await client.DeliveriesAsync(line.GetRequiredValue(_job), stop);
        if (IsJson(line)) await Terminal.Out.WriteLineAsync(JsonSerializer.Serialize(new DeliveryListRecord(deliveries), HeadwayJson.Wire.DeliveryListRecord));
        else DeliveryTable.Write(Terminal, deliveries);
        return ExitCode.Ok;
    }
}
