using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Headway.AspNetCore.OpenAi.Files;

/// <summary>Which part of a file its reader wants (RFC 9110, 14): the whole where nothing, something unreadable or more than one part is asked for.</summary>
internal readonly record struct ContentRange(long From, long Length, bool IsPart)
{
    /// <param name="tag">Of the content, which never changes under its id.</param>
    /// <returns>Null: nothing of what is wanted is there.</returns>
    public static ContentRange? Of(HttpRequest request, long length, EntityTagHeaderValue tag)
    {
        var whole = new ContentRange(0, length, false);
        if (!RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out var asked) || asked.Unit != "bytes" || asked.Ranges.Count != 1) return whole;
        // Of a date nobody can say whether it is that of this file: a second has room for two.
        if (request.Headers.IfRange.Count > 0
            && !(RangeConditionHeaderValue.TryParse(request.Headers.IfRange.ToString(), out var only) && only.EntityTag?.Compare(tag, useStrongComparison: true) is true)) return whole;
        var range = asked.Ranges.First();
        if (range.From is not { } from) return range.To is > 0 and var last ? Part(Math.Max(0, length - last), length - 1, length) : null;
        return from >= length ? null : Part(from, Math.Min(range.To ?? length, length - 1), length);
    }

    /// <summary>For Content-Range.</summary>
    public string Words(long whole) => string.Create(CultureInfo.InvariantCulture, $"bytes {From}-{From + Length - 1}/{whole}");

    private static ContentRange Part(long from, long to, long length) => new(from, Math.Min(to, length - 1) - from + 1, true);
}
