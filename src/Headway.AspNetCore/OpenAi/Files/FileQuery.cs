using System.Globalization;
using Headway.AspNetCore.Errors;
using Headway.Payloads.Files;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.OpenAi.Files;

/// <summary>Which page of the list of files is asked for.</summary>
internal static class FileQuery
{
    /// <summary>As OpenAI has it, and as many as a tenant may keep.</summary>
    public const int MostPerPage = 10_000;

    private static readonly string[] Names = ["limit", "order", "after", "purpose"];

    public static Problem? Read(IQueryCollection query, out KeptFilter filter)
    {
        filter = new KeptFilter(null, OldestFirst: false, null, MostPerPage);
        foreach (var (name, values) in query)
        {
            if (!Names.Contains(name, StringComparer.Ordinal)) return Broken(name, $"{Phrases.Quote(name)} is not a filter.{Phrases.Suggest(name, Names)} Filters are {string.Join(", ", Names)}.");
            if (values is not [{ Length: > 0 } text]) return Broken(name, $"{name} is given once, with a value.");
            if (Take(name, text, ref filter) is { } problem) return problem;
        }

        return null;
    }

    private static Problem? Take(string name, string text, ref KeptFilter filter)
    {
        switch (name)
        {
            case "limit":
                if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) || limit is < 1 or > MostPerPage) return Broken(name, $"limit is a number from 1 to {MostPerPage}.");
                filter = filter with { Limit = limit };
                return null;
            case "order":
                if (text is not ("asc" or "desc")) return Broken(name, $"order is asc or desc, not {Phrases.Quote(text)}.");
                filter = filter with { OldestFirst = text == "asc" };
                return null;
            case "after":
                // A file that was deleted meanwhile still has its place: who deletes page by page goes on from there.
                if (!FileId.TryParse(text, out var after)) return new Problem(ProblemKind.CursorInvalid, "after is the id of a file: `last_id` of the page before.") { Param = name };
                filter = filter with { After = after };
                return null;
            default:
                if (FileWords.PurposeOf(text) is not { } purpose) return Broken(name, FileWords.NotOne(text));
                filter = filter with { Purpose = purpose };
                return null;
        }
    }

    private static Problem Broken(string name, string detail) => new(ProblemKind.FilterInvalid, detail) { Param = name };
}
