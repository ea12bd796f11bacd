using System.Text.Json;

namespace Headway.Features;

/// <summary>How the values of our enums are written in the file, in JSON and in what is said to people: `own-ui`, `back-office`.</summary>
internal static class Words
{
    public static string Of<T>(T value) where T : struct, Enum => Table<T>.Written[value];

    public static IReadOnlyList<string> All<T>() where T : struct, Enum => Table<T>.InOrder;

    public static bool TryRead<T>(string text, out T value) where T : struct, Enum => Table<T>.Read.TryGetValue(text, out value);

    private static class Table<T> where T : struct, Enum
    {
        public static readonly Dictionary<T, string> Written =
            Enum.GetValues<T>().ToDictionary(value => value, value => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString()));

        public static readonly Dictionary<string, T> Read = Written.ToDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);
        public static readonly IReadOnlyList<string> InOrder = [.. Enum.GetValues<T>().Select(value => Written[value])];
    }
}
