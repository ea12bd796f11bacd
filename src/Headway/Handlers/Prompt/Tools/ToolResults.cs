using System.Text;
using ModelContextProtocol.Protocol;

namespace Headway.Handlers.Prompt.Tools;

/// <summary>What a tool answered, as a text for the model.</summary>
internal static class ToolResults
{
    /// <summary>About 16,000 tokens: more helps no model, and is paid again in every round that follows.</summary>
    public const int MostCharacters = 64 * 1024;

    public static string Text(CallToolResult result)
    {
        var text = new StringBuilder();
        foreach (var block in result.Content ?? [])
        {
            if (text.Length > 0) text.Append('\n');
            text.Append(Text(block));
        }

        if (text.Length == 0 && result.StructuredContent is { } structured) text.Append(structured.GetRawText());
        var said = Cut(text.Length == 0 ? "(nothing)" : text.ToString());
        return result.IsError == true ? Complaint(said) : said;
    }

    /// <summary>Every API of models knows a text; only some know that a result is an error.</summary>
    public static string Complaint(string said) => Cut($"The tool failed: {said}");

    private static string Text(ContentBlock block) => block switch
    {
        TextContentBlock text => text.Text,
        EmbeddedResourceBlock { Resource: TextResourceContents resource } => resource.Text,
        ResourceLinkBlock link => $"[{link.Name}: {link.Uri}]",
        _ => $"[a result of type {block.Type}, which is not shown]",
    };

    private static string Cut(string text)
    {
        if (text.Length <= MostCharacters) return text;
        var end = char.IsHighSurrogate(text[MostCharacters - 1]) ? MostCharacters - 1 : MostCharacters;
        return $"{text[..end]}\n[cut here: the result has {text.Length} characters]";
    }
}
