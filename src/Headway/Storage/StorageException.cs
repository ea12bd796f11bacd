namespace Headway.Storage;

/// <summary>The database could not do what was asked; nothing of the operation is on disk.</summary>
internal sealed class StorageException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>`storage-full`, `storage-read-only`, `storage-unavailable`, `storage-newer`, `storage-older`, `storage-in-use`, `storage-corrupt`, `storage-conflict`, `storage-rekeyed`, `node-stopping`.</summary>
    public string Code { get; } = code;

    /// <summary>It says nothing against what was asked: the same may be done once the disk is mended.</summary>
    public bool MayPass => Code is "storage-full" or "storage-read-only" or "storage-unavailable";
}
