using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Headway.Caching;

/// <summary>A digest of a list of parts. Each part is led by its length, so that no two lists read alike.</summary>
internal sealed class PartHash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Nothing and an empty text are told apart.</summary>
    public PartHash Add(string? text)
    {
        if (text is not null) return Add(Encoding.UTF8.GetBytes(text));
        AddLength(-1);
        return this;
    }

    public PartHash Add(ReadOnlySpan<byte> part)
    {
        AddLength(part.Length);
        _hash.AppendData(part);
        return this;
    }

    /// <summary>32 bytes.</summary>
    public byte[] Take() => _hash.GetHashAndReset();

    private void AddLength(int length)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        _hash.AppendData(bytes);
    }

    public void Dispose() => _hash.Dispose();
}
