using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features.Headers;
using Headway.Features;
using Headway.Jobs;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Jobs;

/// <summary>The filters of a list of jobs, as the query of the request gives them.</summary>
internal static class JobQuery
{
    public const int MostPerPage = 200;

    /// <summary>Filters are names, codes and subjects; longer ones match nothing.</summary>
    private const int LongestValue = 256;

    /// <summary>Fingerprints name places, which may be addresses.</summary>
    private const int LongestFingerprint = 2_048;

    private static readonly string[] Names = ["feature", "version", "state", "subject", "model", "error", "fingerprint", "q", "since", "cursor", "limit"];

    /// <param name="also">Names that the route takes beside the filters.</param>
    public static Problem? Read(IQueryCollection query, out JobFilter filter, params ReadOnlySpan<string> also)
    {
        filter = new JobFilter();
        foreach (var (name, values) in query)
        {
            if (also.Contains(name)) continue;
            if (!Names.Contains(name, StringComparer.Ordinal)) return Broken($"{Phrases.Quote(name)} is not a filter.{Phrases.Suggest(name, Names)} Filters are {string.Join(", ", Names)}.");
            var longest = name == "fingerprint" ? LongestFingerprint : LongestValue;
            if (values is not [{ Length: > 0 } value] || value.Length > longest) return Broken($"{name} is given once, with 1 to {longest} characters.");
        }

        filter = filter with { Feature = query["feature"], Subject = query["subject"], Model = query["model"], Error = query["error"], Fingerprint = query["fingerprint"] };
        return ReadVersion(query, ref filter) ?? ReadState(query, ref filter) ?? ReadSearch(query, ref filter) ?? ReadSince(query, ref filter) ?? ReadLimit(query, ref filter) ?? ReadCursor(query, ref filter);
    }

    /// <summary>The cursor of the page after <paramref name="last"/>; good for the same filters only.</summary>
    public static string Cursor(JobId last, JobFilter filter)
    {
        Span<byte> bytes = stackalloc byte[16 + MarkLength];
        last.ToBytes().CopyTo(bytes);
        Mark(filter).CopyTo(bytes[16..]);
        return System.Buffers.Text.Base64Url.EncodeToString(bytes);
    }

    private const int MarkLength = 4;

    private static byte[] Mark(JobFilter filter)
    {
        var text = string.Join('\n', filter.Feature, filter.Version, filter.Fingerprint, filter.State, filter.Subject, filter.Model, filter.Error, filter.Query, filter.Since?.ToString("O", CultureInfo.InvariantCulture));
        return SHA256.HashData(Encoding.UTF8.GetBytes(text))[..MarkLength];
    }

    private static Problem? ReadVersion(IQueryCollection query, ref JobFilter filter)
    {
        if (query["version"] is not [{ } text]) return null;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) || version < 1) return Broken("version is the number of a version, 1 or more.");
        filter = filter with { Version = version };
        return null;
    }

    private static Problem? ReadState(IQueryCollection query, ref JobFilter filter)
    {
        if (query["state"] is not [{ } text]) return null;
        if (!Words.TryRead<JobState>(text, out var state))
        {
            var states = Words.All<JobState>();
            return Broken($"state={text} is not a state.{Phrases.Suggest(text, states)} States are {string.Join(", ", states)}.");
        }

        filter = filter with { State = state };
        return null;
    }

    private static Problem? ReadSearch(IQueryCollection query, ref JobFilter filter)
    {
        if (query["q"] is not [{ } text]) return null;
        if (text.IndexOf('=') < 1) return Broken("q is key=value, where the key is one of the feature's searchable metadata.");
        filter = filter with { Query = text };
        return null;
    }

    private static Problem? ReadSince(IQueryCollection query, ref JobFilter filter)
    {
        if (query["since"] is not [{ } text]) return null;
        if (!Moment.TryTime(text, out var since)) return Broken("since is a time such as 2026-03-01T12:00:00Z.");
        filter = filter with { Since = since };
        return null;
    }

    private static Problem? ReadLimit(IQueryCollection query, ref JobFilter filter)
    {
        if (query["limit"] is not [{ } text]) return null;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) || limit is < 1 or > MostPerPage)
            return Broken($"limit is a number from 1 to {MostPerPage}.");
        filter = filter with { Limit = limit };
        return null;
    }

    private static Problem? ReadCursor(IQueryCollection query, ref JobFilter filter)
    {
        if (query["cursor"] is not [{ } text]) return null;
        Span<byte> bytes = stackalloc byte[16 + MarkLength];
        if (!System.Buffers.Text.Base64Url.IsValid(text, out var length) || length != bytes.Length
            || !System.Buffers.Text.Base64Url.TryDecodeFromChars(text, bytes, out _) || !bytes[16..].SequenceEqual(Mark(filter)))
        {
            return new Problem(ProblemKind.CursorInvalid, "The cursor was not given out for these filters. Take `next` of the page before as it is, or leave the cursor out.");
        }

        filter = filter with { After = JobId.FromBytes(bytes[..16]) };
        return null;
    }

    private static Problem Broken(string detail) => new(ProblemKind.FilterInvalid, detail);
}
