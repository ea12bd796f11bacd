using System.CommandLine;
using System.Text.Json;
using Headway.Client;

namespace Headway.Server.Commands;

internal sealed class AuditKeyCommand(Terminal terminal, GlobalOptions global)
    : RemoteVerb("key", "Writes the public half of the key that checkpoints are signed with. Keep it where the server cannot write.", "headway audit key > audit.pem", terminal, global)
{
    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var key = await client.AuditKeyAsync(stop);
        await Terminal.Out.WriteLineAsync(IsJson(line) ? JsonSerializer.Serialize(key, HeadwayJson.Wire.AuditKeyRecord) : key.PublicKey);
        return ExitCode.Ok;
    }
}
