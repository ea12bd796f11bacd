using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Headway.Audit.Chain;
using Headway.Audit.Checkpoints;

namespace Headway.Audit.Proof;

/// <summary>Checks what lies outside a database, without a server: an export, and checkpoints that were shipped.</summary>
internal static class OfflineCheck
{
    /// <summary>Of shipped checkpoints so many are held against a chain, the last one always: each of them proves all that came before it.</summary>
    private const int Kept = 2_000;

    /// <param name="publicPem">The key that must have signed; null: the one that the export itself names, which proves only that nobody without that key changed it.</param>
    /// <param name="shipped">Checkpoints of the same chain that were kept elsewhere.</param>
    public static ChainProof Export(TextReader lines, string? publicPem, IReadOnlyList<Checkpoint> shipped)
    {
        var (walk, number, chain) = (new LinkWalk(), 0, default(JobId?));
        var (first, ended, pem) = (0L, false, publicPem);
        var held = shipped.ToLookup(checkpoint => checkpoint.Seq);
        while (lines.ReadLine() is { } line)
        {
            number++;
            try
            {
                using var json = JsonDocument.Parse(line);
                var root = json.RootElement;
                if (number == 1)
                {
                    if (root.GetProperty("export").GetInt32() != ExportLine.Form) throw new FormatException("the export is of a form that this program does not know");
                    chain = new JobId(Guid.ParseExact(root.GetProperty("chain").GetString()!, "N"));
                    walk.Begin(root.GetProperty("after").GetInt64(), Convert.FromHexString(root.GetProperty("previous").GetString()!));
                    first = walk.Last + 1;
                    pem ??= root.GetProperty("publicKey").GetString();
                }
                else if (root.TryGetProperty("checkpoint", out _))
                {
                    var checkpoint = Checkpoint.Of(root) ?? throw new FormatException("the checkpoint cannot be read");
                    ended = checkpoint.Seq == walk.Last;
                    if (!ended) walk.Find(FindingCodes.ChainTruncated, checkpoint.Seq, null, string.Create(CultureInfo.InvariantCulture, $"The export ends with a checkpoint of link {checkpoint.Seq}, and holds links up to {walk.Last}."));
                    else walk.Compare(checkpoint, checkpoint.Chain == chain && IsSigned(checkpoint, pem), isShipped: false);
                }
                else
                {
                    // Behind a checkpoint nothing is proved.
                    ended = false;
                    Take(walk, root);
                    foreach (var kept in held[walk.Last]) walk.Compare(kept, kept.Chain == chain && IsSigned(kept, pem), isShipped: true);
                }
            }
            catch (Exception wrong) when (wrong is JsonException or FormatException or KeyNotFoundException or InvalidOperationException or ArgumentException or CryptographicException)
            {
                walk.Find(FindingCodes.LineBroken, null, null, string.Create(CultureInfo.InvariantCulture, $"Line {number} cannot be read: {wrong.Message}"));
            }
        }
        if (!ended) walk.Find(FindingCodes.ChainTruncated, null, null, "The export does not end with the checkpoint of its last link: its end is missing.");
        return new ChainProof
        {
            Chain = chain,
            First = first,
            Last = walk.Last,
            Checked = walk.Checked,
            Proved = walk.Proved,
            ProvedAt = walk.ProvedAt,
            Checkpoints = walk.Checkpoints,
            Findings = walk.Findings,
            FindingsInAll = walk.FindingsInAll,
        };
    }

    /// <summary>Reads shipped checkpoints and holds each against the key; gives some of them, evenly, to be held against a chain.</summary>
    /// <param name="publicPem">Null: whoever holds the chain looks at the signatures.</param>
    public static (IReadOnlyList<Checkpoint> Kept, IReadOnlyList<ChainFinding> Findings) Shipped(TextReader lines, string? publicPem)
    {
        var (kept, findings) = (new List<Checkpoint>(), new List<ChainFinding>());
        var (every, number) = (1, 0);
        Checkpoint? last = null;
        var ends = new List<Checkpoint>();
        while (lines.ReadLine() is { } line)
        {
            // A node that was killed may have left a piece of a line; it shipped that checkpoint again.
            if (Checkpoint.Parse(Encoding.UTF8.GetBytes(line)) is not { } checkpoint)
            {
                if (ChainBreak.Parse(Encoding.UTF8.GetBytes(line)) is not { } broken) continue;
                findings.Add(new ChainFinding(FindingCodes.ChainForked, broken.Seq, null, string.Create(CultureInfo.InvariantCulture,
                    $"At {broken.At:O} the database was not the one whose links had been shipped up to {broken.Seq}: it was restored from an older copy, or changed by hand. What was told in between is in no checkpoint that follows.")));
                // What the chain was before must be held against what it is now, however many lines the file has.
                if (last is not null) ends.Add(last);
                continue;
            }
            if (publicPem is not null && !IsSigned(checkpoint, publicPem))
                findings.Add(new ChainFinding(FindingCodes.CheckpointForged, checkpoint.Seq, null, string.Create(CultureInfo.InvariantCulture, $"The shipped checkpoint of link {checkpoint.Seq} was not signed with this key.")));
            last = checkpoint;
            if (number++ % every == 0) kept.Add(checkpoint);
            if (kept.Count <= Kept) continue;
            // Half of them stay, and half as many are kept from here on.
            kept = [.. kept.Where((_, i) => i % 2 == 0)];
            every *= 2;
        }
        if (last is null) findings.Add(new ChainFinding(FindingCodes.LineBroken, null, null, "The file holds no checkpoint."));
        if (last is not null && kept[^1] != last) kept.Add(last);
        return ([.. kept.Union(ends).OrderBy(checkpoint => checkpoint.Seq)], findings);
    }

    private static void Take(LinkWalk walk, JsonElement json)
    {
        var hash = Convert.FromHexString(json.GetProperty("hash").GetString()!);
        var seq = json.GetProperty("seq").GetInt64();
        if (json.TryGetProperty("event", out var told))
        {
            var read = ExportLine.ReadEvent(told);
            walk.Take(seq, ChainVerifier.NameOf(read.Job, read.Id), LinkHash.Digest(read), hash);
        }
        else if (json.TryGetProperty("missing", out var missing))
        {
            walk.Take(seq, missing.GetString(), null, hash);
        }
        else
        {
            walk.Take(seq, null, Convert.FromHexString(json.GetProperty("digest").GetString()!), hash);
        }
    }

    private static bool IsSigned(Checkpoint checkpoint, string? pem)
    {
        if (pem is null) return false;
        using var key = ECDsa.Create();
        key.ImportFromPem(pem);
        return key.VerifyData(checkpoint.Words(), checkpoint.Signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }
}
