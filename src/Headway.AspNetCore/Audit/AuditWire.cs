using System.Globalization;
using Headway.Audit;
using Headway.Audit.Proof;
using Headway.Audit.Search;
using Headway.Client;
using Headway.Payloads.Files;

namespace Headway.AspNetCore.Audit;

/// <summary>Puts what auditors are told into the records of the wire.</summary>
internal static class AuditWire
{
    public static AuditRecord Of(FoundEvent found)
    {
        // Neither a file nor a question of an auditor is a job, though their events have ids like one.
        var isFile = found.Purpose == KeptFiles.AuditPurpose;
        var file = isFile ? new FileId(found.Job.Value).ToString() : null;
        return new AuditRecord
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{found.Job.Value:N}-{found.Id}"),
            At = found.At,
            Tenant = found.Tenant,
            Actor = found.Actor,
            Action = found.Action,
            Feature = found.Feature ?? "",
            Version = found.Version ?? 0,
            Job = isFile || IsOfNoJob(found) ? null : found.Job.ToString(),
            File = file,
            Subject = found.Subject is { } subject ? Convert.ToHexStringLower(subject) : null,
            Purpose = found.Purpose,
            Data = Headway.Features.Words.Of(found.Data),
            Node = found.Node,
            Address = found.Address,
            Recipient = found.Recipient,
            Outcome = found.Outcome,
            Correlation = found.Correlation ?? file ?? (IsOfNoJob(found) ? found.Job.Value.ToString("N") : found.Job.ToString()),
        };
    }

    // Each has an id of its own, which looks like a job's and finds none.
    private static bool IsOfNoJob(FoundEvent found) => found.HasOwnId || found.Purpose == AuditPurposes.Audit || found.Action switch
    {
        AuditActions.Refused or AuditActions.Held or AuditActions.Released or AuditActions.Acknowledged or AuditActions.Rekeyed or AuditActions.KeyCreated or AuditActions.KeyRotated or AuditActions.KeyRevoked => true,
        AuditActions.Erased => found.Purpose == "subject",
        _ => false,
    };

    public static DisclosureRecord Of(DisclosureGroup group) => new()
    {
        Who = group.Who,
        Kind = group.IsRecipient ? "recipient" : "actor",
        Action = group.Action,
        Feature = group.Feature,
        Count = group.Count,
        First = group.First,
        Last = group.Last,
    };

    public static AuditProofRecord Of(ChainProof proof) => new()
    {
        Holds = proof.Holds,
        Chain = proof.Chain?.Value.ToString("N"),
        First = proof.First,
        Last = proof.Last,
        Checked = proof.Checked,
        Proved = proof.Proved,
        ProvedAt = proof.ProvedAt,
        Checkpoints = proof.Checkpoints,
        Unchained = proof.Unchained,
        Findings = [.. proof.Findings.Select(finding => new AuditFindingRecord { Code = finding.Code, Seq = finding.Seq, Event = finding.Event, Detail = finding.Detail })],
        FindingsInAll = proof.FindingsInAll,
    };
}
