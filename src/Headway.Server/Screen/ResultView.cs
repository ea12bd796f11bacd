using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Headway.Client;

namespace Headway.Server.Screen;

/// <summary>The answer of a feature: as it came for programs, indented for people.</summary>
internal static class ResultView
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Indented = Compact with { Indented = true };

    public static void Write(Terminal terminal, ResultRecord result, bool json)
    {
        var text = json ? Document(result) : terminal.IsInteractive ? ForPeople(result) : result.AsText();
        terminal.Out.Write(text);
        if (!text.EndsWith('\n')) terminal.Out.WriteLine();
    }

    private static string ForPeople(ResultRecord result) => IsJson(result) ? Written(Indented, Parsed(result).WriteTo) : Printable.Of(result.AsText());

    /// <summary>`{"job", "model", "cost", "result"}`: JSON as it is, anything else as a string.</summary>
    private static string Document(ResultRecord result) => Written(Compact, writer =>
    {
        writer.WriteStartObject();
        if (result.Job is not null) writer.WriteString("job", result.Job);
        if (result.Model is not null) writer.WriteString("model", result.Model);
        if (result.Cost is { } cost) writer.WriteNumber("cost", cost);
        writer.WritePropertyName("result");
        if (IsJson(result)) Parsed(result).WriteTo(writer);
        else writer.WriteStringValue(result.AsText());
        writer.WriteEndObject();
    });

    private static bool IsJson(ResultRecord result) => result.MediaType == "application/json" || result.MediaType.EndsWith("+json", StringComparison.Ordinal);

    private static JsonElement Parsed(ResultRecord result) => JsonElement.Parse(result.Body.Span);

    private static string Written(JsonWriterOptions options, Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, options)) write(writer);
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
