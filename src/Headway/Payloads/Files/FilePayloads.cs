using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Headway.Storage;

namespace Headway.Payloads.Files;

/// <summary>
/// Files that callers send as input: taken as a stream, kept as sealed chunks under the job's id, given back as a stream. Neither way is
/// more than two chunks of it in memory.
/// </summary>
/// <remarks>
/// A file may arrive before its job is accepted. What never becomes a job is found by <see cref="OrphanPruner"/>.
/// </remarks>
internal sealed class FilePayloads(Database database, Vault vault)
{
    /// <summary>Fits the position of a chunk (see <see cref="StoredFile.PositionOf"/>), and is more than any form sends.</summary>
    public const int MostFiles = 1000;

    private readonly FileStore _store = new(database);

    /// <summary>Takes a file to its end. Refused, broken off or failed: nothing of it stays.</summary>
    public async Task<UploadOutcome> StoreAsync(FileUpload upload, Stream content, CancellationToken stop)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(upload.Number, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(upload.Number, MostFiles);
        var plain = ArrayPool<byte>.Shared.Rent(StoredFile.ChunkLength);
        var envelope = ArrayPool<byte>.Shared.Rent(StoredFile.ChunkLength + Envelope.Overhead);
        try
        {
            return await StoreAsync(upload, content, plain, envelope, stop).ConfigureAwait(false);
        }
        finally
        {
            // Rented arrays go on to others, who must not find a patient's scan in theirs.
            ArrayPool<byte>.Shared.Return(plain, clearArray: true);
            ArrayPool<byte>.Shared.Return(envelope);
        }
    }

    /// <summary>The files of a job, in their order.</summary>
    public IReadOnlyList<StoredFile> List(string tenant, JobId job) =>
        [.. _store.List(job).Select(row => Describe(tenant, job, row.Number, row.Description))];

    /// <summary>Opens a file for one reading. Damage is found on reading: <see cref="UnreadablePayloadException"/>.</summary>
    /// <param name="from">The first byte that is wanted.</param>
    public Stream OpenRead(string tenant, JobId job, StoredFile file, long from = 0) => new UnsealingStream(vault, _store, tenant, job, file, from);

    /// <summary>The file as its sealed description tells of it.</summary>
    public StoredFile Describe(string tenant, JobId job, int number, byte[] description) => Describe(vault.Open(tenant, PayloadKind.File, job, description, number));

    /// <summary>Deletes one file; piece by piece, so that nobody waits behind a long one.</summary>
    public Task<int> DeleteAsync(JobId job, int number) => _store.DeleteFileAsync(job, number);

    /// <summary>Deletes the files of a job; gives how many there were.</summary>
    public Task<int> DeleteAsync(JobId job) => _store.DeleteAsync(job);

    private async Task<UploadOutcome> StoreAsync(FileUpload upload, Stream content, byte[] plain, byte[] envelope, CancellationToken stop)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var chunk = plain.AsMemory(0, StoredFile.ChunkLength);
        var (count, total, mediaType, found) = (0, 0L, "", (string?)null);
        try
        {
            while (true)
            {
                var read = await content.ReadAtLeastAsync(chunk, chunk.Length, throwOnEndOfStream: false, stop).ConfigureAwait(false);
                // A file that ends exactly with a chunk gets an empty last one: the end is known only when there is no more.
                var last = read < chunk.Length;
                total += read;
                var refusal = total > upload.Most ? FileRefusal.TooLarge(upload.Most) : null;
                if (count == 0 && refusal is null) (mediaType, found, refusal) = Judge(upload, plain.AsSpan(0, read));
                if (refusal is not null)
                {
                    await ForgetAsync(upload, count).ConfigureAwait(false);
                    return new UploadOutcome.Refused(refusal);
                }
                digest.AppendData(plain, 0, read);
                var length = upload.Key.Seal(PayloadKind.FileChunk, upload.Job, plain.AsSpan(0, read), StoredFile.PositionOf(upload.Number, count, last), envelope);
                var file = last ? new StoredFile(upload.Number, upload.Name, upload.FileName, mediaType, total, digest.GetHashAndReset(), count + 1) { Found = found } : null;
                await _store.AddChunkAsync(upload.Job, upload.Number, count, envelope.AsMemory(0, length), Seal(upload, file)).ConfigureAwait(false);
                count++;
                if (file is not null) return new UploadOutcome.Stored(file);
            }
        }
        catch
        {
            await ForgetAsync(upload, count).ConfigureAwait(false);
            throw;
        }
    }

    private async Task ForgetAsync(FileUpload upload, int chunks)
    {
        // Nothing of this upload was kept; what may be there under its number is another's.
        if (chunks == 0) return;
        try
        {
            await _store.DeleteFileAsync(upload.Job, upload.Number).ConfigureAwait(false);
        }
        catch (StorageException)
        {
            // Why the upload ended matters more to its caller; the pruner finds what stays.
        }
    }

    private static (string MediaType, string? Found, FileRefusal? Refusal) Judge(FileUpload upload, ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty) return ("", null, FileRefusal.Empty());
        if (!upload.IsJudged) return (upload.MediaType ?? MediaTypes.Undeclared, MediaTypes.Sniff(start) ?? "", null);
        var (mediaType, refusal) = MediaTypes.Judge(upload.MediaType, start);
        return (mediaType ?? "", null, refusal);
    }

    private static byte[]? Seal(FileUpload upload, StoredFile? file) => file is null
        ? null
        : upload.Key.Seal(PayloadKind.File, upload.Job, JsonSerializer.SerializeToUtf8Bytes(file, FileJson.Default.StoredFile), file.Number);

    private static StoredFile Describe(byte[] json) => JsonSerializer.Deserialize(json, FileJson.Default.StoredFile)!;
}
