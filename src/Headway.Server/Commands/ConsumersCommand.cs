using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class ConsumersCommand : RemoteVerb
{
    private readonly Option<string?> _feature = new("--feature") { Description = "Of this feature. Default: of all.", HelpName = "FEATURE" };

    public ConsumersCommand(Terminal terminal, GlobalOptions global)
        : base("consumers", "Shows who still calls which version of a feature.", "headway consumers --feature generate", terminal, global) => Add(_feature);

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var list = await client.ConsumersAsync(line.GetValue(_feature), stop);
        if (IsJson(line)) await Terminal.Out.WriteLineAsync(JsonSerializer.Serialize(list, HeadwayJson.Wire.ConsumerListRecord));
        else PlainTable.Write(Terminal.Out, ["FEATURE", "VERSION", "SUNSET", "TENANT", "CONSUMER", "LAST CALLED", "CALLS"], list.Consumers.Select(Row));
        if (list.More && !IsJson(line)) await Terminal.Out.WriteLineAsync("… and more: narrow it with --feature");
        return ExitCode.Ok;
    }

    private static string[] Row(ConsumerRecord consumer) =>
    [
        consumer.Feature,
        consumer.Version.ToString(CultureInfo.InvariantCulture),
        consumer.Sunset?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? (consumer.Deprecated is null ? "-" : "deprecated"),
        consumer.Tenant,
        Printable.Of(consumer.Name is null ? consumer.Actor : $"{consumer.Actor} ({consumer.Name})"),
        consumer.LastCalled.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        consumer.Calls.ToString(CultureInfo.InvariantCulture),
    ];
}
