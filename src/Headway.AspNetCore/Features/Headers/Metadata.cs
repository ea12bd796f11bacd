using System.Text;
using System.Text.Json;

namespace Headway.AspNetCore.Features.Headers;

/// <summary>The `Headway-Metadata` header: a small JSON object of the caller's own.</summary>
internal static class Metadata
{
    public const int LongestBytes = 4096;
    public const string Rule = "It is one JSON object of at most 4 KiB, with no name given twice.";

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    public static bool TryParse(string text, out string json)
    {
        json = text;
        if (Encoding.UTF8.GetByteCount(text) > LongestBytes) return false;
        try
        {
            using var document = JsonDocument.Parse(text, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
