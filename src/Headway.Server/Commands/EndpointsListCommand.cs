using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class EndpointsListCommand(Terminal terminal, GlobalOptions global)
    : RemoteVerb("list", "Lists the receivers of webhooks: how each is, what waits for it, and what was given up.", "headway endpoints list", terminal, global)
{
    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var endpoints = await client.EndpointsAsync(stop);
        if (IsJson(line)) await Terminal.Out.WriteLineAsync(JsonSerializer.Serialize(new EndpointListRecord(endpoints), HeadwayJson.Wire.EndpointListRecord));
        else PlainTable.Write(Terminal.Out, ["NAME", "STATE", "HOST", "PENDING", "OLDEST", "DEAD", "FAILURES", "UNTIL"], endpoints.Select(Row));
        return ExitCode.Ok;
    }

    private static string[] Row(EndpointRecord endpoint) =>
    [
        endpoint.Name, endpoint.State, endpoint.Host ?? "", Number(endpoint.Pending), JobWords.Time(endpoint.Oldest), Number(endpoint.Dead), Number(endpoint.Failures), JobWords.Time(endpoint.Until),
    ];

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
