using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Headway.Payloads;

namespace Headway.Caching;

/// <summary>By what an answer is found again: a keyed MAC, so that the table tells nothing of inputs, and of equal ones only that they are equal.</summary>
/// <remarks>
/// It is of everything that decides the answer: the definition (another prompt, schema or list of models is another key), the subject (an answer is
/// sealed under its subject's key, goes with it, and is given to no other), the normalised input and the digests of files. Priority, deadline and
/// metadata decide nothing.
/// </remarks>
internal static class CacheKey
{
    /// <summary>Null: the input cannot be compared.</summary>
    public static byte[]? Of(Vault vault, string tenant, byte[] definitionHash, string? subject, string mediaType, ReadOnlyMemory<byte> json, IReadOnlyList<InputFile> files)
    {
        if (CanonicalJson.Of(json) is not { } canonical) return null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, definitionHash);
        Add(hash, subject);
        Add(hash, files.Count == 0 ? null : mediaType);
        Add(hash, canonical.Span);
        foreach (var file in files)
        {
            Add(hash, file.Name);
            Add(hash, file.FileName);
            Add(hash, file.MediaType);
            Add(hash, file.Sha256);
        }
        return vault.Mac(tenant, "cached answer", hash.GetHashAndReset());
    }

    private static void Add(IncrementalHash hash, string? text)
    {
        // Nothing and an empty text are told apart by the length.
        if (text is null) AddLength(hash, -1);
        else Add(hash, Encoding.UTF8.GetBytes(text));
    }

    // Each part is led by its length, so that no two lists of parts read alike.
    private static void Add(IncrementalHash hash, ReadOnlySpan<byte> part)
    {
        AddLength(hash, part.Length);
        hash.AppendData(part);
    }

    private static void AddLength(IncrementalHash hash, int length)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        hash.AppendData(bytes);
    }
}
