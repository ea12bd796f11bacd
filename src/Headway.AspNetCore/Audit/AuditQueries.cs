using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features.Headers;
using Headway.Audit.Search;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Audit;

/// <summary>The filters of a list of audit events, as the query of the request gives them.</summary>
internal static class AuditQueries
{
    private const int MostPerPage = 200;

    /// <summary>Filters are names and subjects; longer ones match nothing.</summary>
    private const int LongestValue = 256;

    private const int MarkLength = 4;
    private const int CursorLength = sizeof(long) + 16 + MarkLength;

    public static readonly string[] Filters = ["subject", "actor", "action", "feature", "job", "since", "until", "cursor", "limit"];

    /// <param name="names">Those that the route takes.</param>
    public static Problem? Read(IQueryCollection query, IReadOnlyList<string> names, out AuditFilter filter)
    {
        filter = new AuditFilter();
        foreach (var (name, values) in query)
        {
            if (!names.Contains(name, StringComparer.Ordinal)) return Broken($"{Phrases.Quote(name)} is not a filter.{Phrases.Suggest(name, names)} Filters are {string.Join(", ", names)}.");
            if (values is not [{ Length: > 0 } value] || value.Length > LongestValue) return Broken($"{name} is given once, with 1 to {LongestValue} characters.");
        }

        filter = filter with { Subject = query["subject"], Actor = query["actor"], Action = query["action"], Feature = query["feature"] };
        return ReadJob(query, ref filter) ?? ReadTimes(query, ref filter) ?? ReadLimit(query, ref filter) ?? ReadCursor(query, ref filter);
    }

    /// <summary>The cursor of the page after an event; good for the same filters only.</summary>
    public static string Cursor((long Id, JobId Job) last, AuditFilter filter)
    {
        Span<byte> bytes = stackalloc byte[CursorLength];
        BinaryPrimitives.WriteInt64BigEndian(bytes, last.Id);
        last.Job.ToBytes().CopyTo(bytes[sizeof(long)..]);
        Mark(filter).CopyTo(bytes[^MarkLength..]);
        return System.Buffers.Text.Base64Url.EncodeToString(bytes);
    }

    private static byte[] Mark(AuditFilter filter) => SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', filter.Subject, filter.Actor, filter.Action, filter.Feature, filter.Job,
        filter.Since?.ToString("O", CultureInfo.InvariantCulture), filter.Until?.ToString("O", CultureInfo.InvariantCulture))))[..MarkLength];

    private static Problem? ReadJob(IQueryCollection query, ref AuditFilter filter)
    {
        if (query["job"] is not [{ } text]) return null;
        if (!JobId.TryParse(text, out var job)) return Broken($"job is the id of a job: {JobId.Prefix} and 32 hex digits.");
        filter = filter with { Job = job };
        return null;
    }

    private static Problem? ReadTimes(IQueryCollection query, ref AuditFilter filter)
    {
        if (query["since"] is [{ } since])
        {
            if (!Moment.TryTime(since, out var from)) return Broken("since is a time such as 2026-03-01T12:00:00Z.");
            filter = filter with { Since = from };
        }

        if (query["until"] is [{ } until])
        {
            if (!Moment.TryTime(until, out var to)) return Broken("until is a time such as 2026-03-01T12:00:00Z.");
            filter = filter with { Until = to };
        }

        return null;
    }

    private static Problem? ReadLimit(IQueryCollection query, ref AuditFilter filter)
    {
        if (query["limit"] is not [{ } text]) return null;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) || limit is < 1 or > MostPerPage) return Broken($"limit is a number from 1 to {MostPerPage}.");
        filter = filter with { Limit = limit };
        return null;
    }

    private static Problem? ReadCursor(IQueryCollection query, ref AuditFilter filter)
    {
        if (query["cursor"] is not [{ } text]) return null;
        Span<byte> bytes = stackalloc byte[CursorLength];
        if (!System.Buffers.Text.Base64Url.IsValid(text, out var length) || length != CursorLength
            || !System.Buffers.Text.Base64Url.TryDecodeFromChars(text, bytes, out _) || !bytes[^MarkLength..].SequenceEqual(Mark(filter)))
        {
            return new Problem(ProblemKind.CursorInvalid, "The cursor was not given out for these filters. Take `next` of the page before as it is, or leave the cursor out.");
        }

        filter = filter with { After = (BinaryPrimitives.ReadInt64BigEndian(bytes), JobId.FromBytes(bytes[sizeof(long)..^MarkLength])) };
        return null;
    }

    private static Problem Broken(string detail) => new(ProblemKind.FilterInvalid, detail);
}
