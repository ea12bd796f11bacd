using Headway.Payloads;

namespace Headway.Caching;

/// <summary>By what an answer is found again: a keyed MAC, so that the table tells nothing of inputs, and of equal ones only that they are equal.</summary>
/// <remarks>
/// It is of everything that decides the answer. Of the call: the definition (another prompt, schema or list of models is another key, and so is any other
/// change of the version), the subject (an answer is sealed under its subject's key, goes with it, and is given to no other), the normalised input and the
/// digests of files. Of the file: what the models are (<see cref="ModelPrint"/>). Priority, deadline and metadata decide nothing.
/// </remarks>
internal static class CacheKey
{
    private const int Length = 16;

    /// <summary>The part that is the call's own. Null: the input cannot be compared.</summary>
    public static byte[]? OfInput(Vault vault, string tenant, byte[] definitionHash, string? subject, string mediaType, ReadOnlyMemory<byte> json, IReadOnlyList<InputFile> files)
    {
        if (CanonicalJson.Of(json) is not { } canonical) return null;
        using var hash = new PartHash();
        hash.Add(definitionHash).Add(subject).Add(files.Count == 0 ? null : mediaType).Add(canonical.Span);
        foreach (var file in files) hash.Add(file.Name).Add(file.FileName).Add(file.MediaType).Add(file.Sha256);
        return vault.Mac(tenant, "cached answer", hash.Take());
    }

    /// <summary>The key: 16 bytes.</summary>
    public static byte[] Of(byte[] input, byte[] models)
    {
        using var hash = new PartHash();
        return hash.Add(input).Add(models).Take()[..Length];
    }
}
