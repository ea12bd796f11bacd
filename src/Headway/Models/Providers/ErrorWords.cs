using System.Text.Json;

namespace Headway.Models.Providers;

/// <summary>What an upstream says in an error, however broken it is.</summary>
internal static class ErrorWords
{
    /// <summary>A string cut in the middle of a letter (half a surrogate pair) cannot be read as one; what can be told of the error still is.</summary>
    public static string Of(JsonElement value)
    {
        try
        {
            return value.ToString();
        }
        catch (InvalidOperationException)
        {
            return value.GetRawText();
        }
    }
}
