using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Headway.Features;

namespace Headway.Models.Providers;

/// <summary>A JSON body read whole: as it came, and as what it says.</summary>
internal readonly record struct WholeBody<T>(ReadOnlyMemory<byte> Bytes, T? Value, ModelFault? Fault)
    where T : class
{
    private const long MaxBytes = 64 * 1024 * 1024;

    public static async Task<WholeBody<T>> ReadAsync(ModelDefinition model, HttpResponseMessage response, JsonTypeInfo<T> form, Patience patience)
    {
        patience.WaitFor(Limit.Total);
        using var whole = new MemoryStream();
        try
        {
            var body = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
            using var capped = new CappedStream(body, MaxBytes);
            await capped.CopyToAsync(whole, patience.Token).ConfigureAwait(false);
            var bytes = new ReadOnlyMemory<byte>(whole.GetBuffer(), 0, (int)whole.Length);
            return bytes.Span.Trim(" \r\n\t"u8).IsEmpty
                ? new WholeBody<T>(bytes, null, Faults.Empty(model))
                : new WholeBody<T>(bytes, JsonSerializer.Deserialize(bytes.Span, form), null);
        }
        catch (JsonException)
        {
            return new WholeBody<T>(default, null, Faults.Malformed(model, "a JSON body"));
        }
        catch (CappedStreamException)
        {
            return new WholeBody<T>(default, null, Faults.TooLarge(model, MaxBytes));
        }
    }
}
