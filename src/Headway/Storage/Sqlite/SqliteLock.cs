namespace Headway.Storage.Sqlite;

/// <summary>One process a file: two writers would each believe to be the only one. The kernel drops the lock with the process, however it dies.</summary>
internal static class SqliteLock
{
    // What .NET passes on from the system: EAGAIN on Linux and macOS, a sharing violation on Windows; EROFS; ENOSPC.
    private static readonly int[] Held = [11, 35, unchecked((int)0x80070020)];
    private const int ReadOnlyDisk = 30;
    private const int FullDisk = 28;

    public static FileStream Take(string file)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            return new FileStream(file + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException { HResult: ReadOnlyDisk })
        {
            throw new StorageException("storage-read-only", $"The folder of {file} cannot be written. Give the process the right to write there, or name another file with --database sqlite:FILE.", error);
        }
        catch (IOException error) when (Held.Contains(error.HResult))
        {
            throw new StorageException("storage-in-use", $"Another process uses {file}. Stop it, or name another file with --database sqlite:FILE.", error);
        }
        catch (IOException error) when (error.HResult == FullDisk)
        {
            throw new StorageException("storage-full", $"The disk that holds {file} is full. Free space and start again.", error);
        }
        catch (IOException error)
        {
            throw new StorageException("storage-unavailable", $"{file} cannot be opened: {error.Message}", error);
        }
    }
}
