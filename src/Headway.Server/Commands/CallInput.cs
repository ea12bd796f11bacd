using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Headway.Server.Commands;

/// <summary>Where the input of `call` comes from: a file, the standard input, or the command line itself.</summary>
internal static class CallInput
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <summary>Null with a word to the user: neither a file that can be read nor JSON.</summary>
    public static async Task<HttpContent?> OpenAsync(string? input, Terminal terminal, CancellationToken stop)
    {
        if (input is null) return new StringContent("{}", Json);
        if (input == "-") return new StringContent(await terminal.In.ReadToEndAsync(stop), Json);
        if (File.Exists(input)) return await OpenFileAsync(input, terminal);
        if (IsJson(input)) return new StringContent(input, Json);
        await terminal.Error.WriteLineAsync($"--input: '{input}' is neither a file that exists nor JSON.");
        return null;
    }

    /// <summary>JSON that need not be given. Not read, with a word to the user: it is no JSON.</summary>
    public static async Task<(bool IsRead, string? Json)> GivenAsync(string? input, Terminal terminal, CancellationToken stop) =>
        input is null ? (true, null) : await ReadJsonAsync(input, terminal, stop) is { } json ? (true, json) : (false, null);

    private static async Task<string?> ReadJsonAsync(string input, Terminal terminal, CancellationToken stop)
    {
        using var content = await OpenAsync(input, terminal, stop);
        if (content is null) return null;
        var text = await content.ReadAsStringAsync(stop);
        if (IsJson(text)) return text;
        await terminal.Error.WriteLineAsync($"--input: {(input == "-" ? "what was given" : input)} is not JSON.");
        return null;
    }

    private static async Task<HttpContent?> OpenFileAsync(string path, Terminal terminal)
    {
        try
        {
            var file = new StreamContent(File.OpenRead(path));
            file.Headers.ContentType = MediaType(Path.GetExtension(path).ToLowerInvariant());
            return file;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            await terminal.Error.WriteLineAsync($"--input: {unreadable.Message}");
            return null;
        }
    }

    private static bool IsJson(string text)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static MediaTypeHeaderValue MediaType(string extension) => new(extension switch
    {
        ".json" => "application/json",
        ".txt" or ".md" => "text/plain",
        ".pdf" => "application/pdf",
        ".png" => "image/png",
        ".jpg" or ".jpeg" => "image/jpeg",
        ".webp" => "image/webp",
        ".tif" or ".tiff" => "image/tiff",
        ".wav" => "audio/wav",
        ".mp3" => "audio/mpeg",
        _ => "application/octet-stream",
    });
}
