using System.Buffers.Binary;
using Headway.Handlers;

namespace Headway.Jobs.Storage;

/// <summary>An input as it is stored: its JSON, and behind it the request that it was made from, where that is kept.</summary>
internal readonly record struct StoredInput(string MediaType, ReadOnlyMemory<byte> Json, ReadOnlyMemory<byte>? Request)
{
    // Part of the stored media type, and never of one that a caller sends: those have no parameter of this name.
    private const string WithRequest = "; with=request";

    /// <summary>Null: application/json.</summary>
    public static string? TypeOf(JobInput input) => (input.Request is null, input.Files.Count == 0 && !input.IsByWire) switch
    {
        (true, true) => null,
        (true, false) => input.MediaType,
        _ => input.MediaType + WithRequest,
    };

    public static ReadOnlyMemory<byte> BytesOf(JobInput input)
    {
        if (input.Request is not { } request) return input.Json;
        var bytes = new byte[sizeof(int) + input.Json.Length + request.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, input.Json.Length);
        input.Json.CopyTo(bytes.AsMemory(sizeof(int)));
        request.CopyTo(bytes.AsMemory(sizeof(int) + input.Json.Length));
        return bytes;
    }

    public static bool HoldsRequest(string? type) => type?.EndsWith(WithRequest, StringComparison.Ordinal) is true;

    public static StoredInput Read(string? type, ReadOnlyMemory<byte> bytes)
    {
        if (!HoldsRequest(type)) return new StoredInput(type ?? Result.Json, bytes, null);
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span);
        return new StoredInput(type![..^WithRequest.Length], bytes.Slice(sizeof(int), length), bytes[(sizeof(int) + length)..]);
    }
}
