using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Headway.AspNetCore.Audit;
using Headway.Audit.Checkpoints;
using Headway.Audit.Proof;
using Headway.Client;
using Headway.Server.Screen;

namespace Headway.Server.Commands;

internal sealed class AuditVerifyCommand : RemoteVerb
{
    private readonly Option<FileInfo?> _checkpoints = new("--checkpoints") { Description = "Holds it against checkpoints that were shipped: the file of server.audit.checkpoints, or lines of the log.", HelpName = "FILE" };
    private readonly Option<FileInfo?> _key = new("--public-key") { Description = "The key that must have signed, as `headway audit key` wrote it. Without it the server's own word is taken.", HelpName = "FILE" };
    private readonly Option<FileInfo?> _export = new("--file") { Description = "Checks an export instead, and asks no server.", HelpName = "FILE" };

    public AuditVerifyCommand(Terminal terminal, GlobalOptions global)
        : base("verify", "Proves that no audit event was changed or removed, and names what is wrong. Exits 1 where something is.",
            "headway audit verify --checkpoints checkpoints.jsonl --public-key audit.pem\nheadway audit verify --file audit.jsonl --public-key audit.pem", terminal, global)
    {
        foreach (var option in (Option[])[_checkpoints, _key, _export]) Add(option);
    }

    protected override async Task<int> RunAsync(ParseResult line, HeadwayClient client, CancellationToken stop)
    {
        try
        {
            var key = line.GetValue(_key) is { } file ? await File.ReadAllTextAsync(file.FullName, stop) : null;
            var (shipped, findings) = Shipped(line, key);
            var proof = line.GetValue(_export) is { } export ? Offline(export, key, shipped) : await AskAsync(client, key, shipped, stop);
            proof = proof with { Findings = [.. findings, .. proof.Findings], FindingsInAll = findings.Count + proof.FindingsInAll, Holds = findings.Count == 0 && proof.Holds };
            if (IsJson(line)) await Terminal.Out.WriteLineAsync(JsonSerializer.Serialize(proof, HeadwayJson.Wire.AuditProofRecord));
            else Write(proof);
            return proof.Holds ? ExitCode.Ok : ExitCode.Finding;
        }
        catch (Exception unreadable) when (unreadable is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            await Terminal.Error.WriteLineAsync(unreadable.Message);
            return ExitCode.Usage;
        }
        catch (Exception broken) when (broken is ArgumentException or System.Security.Cryptography.CryptographicException)
        {
            await Terminal.Error.WriteLineAsync($"The public key cannot be read: it is PEM, as `headway audit key` writes it. {broken.Message}");
            return ExitCode.Usage;
        }
    }

    private (IReadOnlyList<Checkpoint> Shipped, IReadOnlyList<AuditFindingRecord> Findings) Shipped(ParseResult line, string? key)
    {
        if (line.GetValue(_checkpoints) is not { } file) return ([], []);
        using var lines = file.OpenText();
        var (shipped, findings) = OfflineCheck.Shipped(lines, key);
        return (shipped, [.. findings.Select(finding => new AuditFindingRecord { Code = finding.Code, Seq = finding.Seq, Event = finding.Event, Detail = finding.Detail })]);
    }

    private static AuditProofRecord Offline(FileInfo export, string? key, IReadOnlyList<Checkpoint> shipped)
    {
        using var lines = export.OpenText();
        return AuditWire.Of(OfflineCheck.Export(lines, key, shipped));
    }

    private static async Task<AuditProofRecord> AskAsync(HeadwayClient client, string? key, IReadOnlyList<Checkpoint> shipped, CancellationToken stop)
    {
        var lines = shipped.Count == 0 ? null : shipped.Aggregate(new StringBuilder(), (text, checkpoint) => text.Append(checkpoint.ToLine()).Append('\n')).ToString();
        var proof = await client.VerifyAuditAsync(lines, stop);
        if (key is null || Same((await client.AuditKeyAsync(stop)).PublicKey, key)) return proof;
        var other = new AuditFindingRecord { Code = FindingCodes.CheckpointForged, Detail = "The server signs with another key than this one: its database is not the one that the key was taken from, or its keys were put there by somebody else." };
        return proof with { Holds = false, Findings = [other, .. proof.Findings], FindingsInAll = proof.FindingsInAll + 1 };
    }

    private static bool Same(string one, string other)
    {
        using var key = System.Security.Cryptography.ECDsa.Create();
        key.ImportFromPem(other);
        return one.Trim() == key.ExportSubjectPublicKeyInfoPem().Trim();
    }

    private void Write(AuditProofRecord proof)
    {
        foreach (var finding in proof.Findings) Terminal.Out.WriteLine(Printable.Of($"{finding.Code}: {finding.Detail}{(finding.Event is { } told ? $" ({told})" : "")}"));
        if (proof.FindingsInAll > proof.Findings.Count) Terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"… and {proof.FindingsInAll - proof.Findings.Count} more"));
        Terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{proof.Checked} events checked, links {proof.First} to {proof.Last} of chain {proof.Chain}; {proof.Checkpoints} checkpoints agree"));
        Terminal.Out.WriteLine(!proof.Holds ? "NOT PROVED" : proof.Proved == 0 ? "nothing is signed yet: a node signs each minute" : string.Create(CultureInfo.InvariantCulture,
            $"proved up to link {proof.Proved}, signed {JobWords.Time(proof.ProvedAt)}; {proof.Last - proof.Proved} links after it are signed within a minute, {proof.Unchained} events are not chained yet"));
    }
}
