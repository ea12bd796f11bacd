using System.Text.Json;

namespace Headway.Handlers.Prompt.Citations;

/// <summary>What may be cited: every text of the JSON input, each by itself, and the texts of its text files. Made comparable once, and only if an answer is held against it.</summary>
internal sealed class CitedInput
{
    /// <summary>About a million tokens, which is as much as any model reads: of more a citation could not come.</summary>
    public const int MostCharacters = 4 * 1024 * 1024;

    private readonly List<string> _texts = [];
    private readonly Lazy<string[]> _comparable;

    private CitedInput() => _comparable = new Lazy<string[]>(() => [.. _texts.Select(ComparableText.Of).Where(text => text.Length > 0).Distinct()]);

    public long Characters { get; private set; }

    public bool IsTooLong => Characters > MostCharacters;

    public static async ValueTask<CitedInput> OfAsync(JsonElement json, IReadOnlyList<InputFile> files, CancellationToken stop)
    {
        var input = new CitedInput();
        input.Collect(json);
        foreach (var file in files.Where(FileParts.IsText))
        {
            // What is too long is refused: it need not be read.
            if (input.Characters + file.Length > MostCharacters * MostBytesPerCharacter) input.Characters = long.MaxValue;
            if (!input.IsTooLong) input.Add(await FileParts.TextAsync(file, stop).ConfigureAwait(false));
        }

        return input;
    }

    private const long MostBytesPerCharacter = 3;

    public bool Has(Citation citation) => _comparable.Value.Any(citation.OccursIn);

    private void Collect(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject()) Collect(member.Value);
                return;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray()) Collect(item);
                return;
            case JsonValueKind.String:
                if (TextOf(value) is { } text) Add(text);
                return;
        }
    }

    private void Add(string text)
    {
        Characters += text.Length;
        _texts.Add(text);
    }

    /// <summary>Null: half of a character (`\ud83d` alone), which is valid JSON and no text.</summary>
    public static string? TextOf(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
