using System.CommandLine;
using Headway.Client;

namespace Headway.Server.Commands;

internal sealed class AuditExportCommand : RemoteVerb
{
    private readonly Option<DateTimeOffset?> _since;
    private readonly Option<DateTimeOffset?> _until;
    private readonly Option<FileInfo> _out = new("--out", "-o") { Description = "The file to write; it must not be there yet.", HelpName = "FILE", Required = true };

    public AuditExportCommand(Terminal terminal, GlobalOptions global)
        : base("export", "Writes the audit events as lines of JSON that prove themselves: `headway audit verify --file` checks them without a server. Recorded as exported.",
            "headway audit export --since 2026-01-01T00:00Z --out audit.jsonl", terminal, global)
    {
        (_since, _until) = (TimeOptions.Since(terminal, "Told at or after this time, or this long ago."), TimeOptions.Until(terminal));
        foreach (var option in (Option[])[_since, _until, _out]) Add(option);
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        var path = line.GetRequiredValue(_out).FullName;
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            await Terminal.Error.WriteLineAsync($"{path} cannot be made: {refused.Message}");
            return ExitCode.Usage;
        }

        await using (file) await client.ExportAuditAsync(file, line.GetValue(_since), line.GetValue(_until), stop);
        await Terminal.Out.WriteLineAsync($"{path} is written. Check it with: headway audit verify --file {path}");
        return ExitCode.Ok;
    }
}
