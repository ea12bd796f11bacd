namespace Headway.Storage.Sqlite;

/// <summary>One process a file: two writers would each believe to be the only one. The kernel drops the lock with the process, however it dies.</summary>
internal static class SqliteLock
{
    public static FileStream Take(string file)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            return new FileStream(file + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new StorageException("storage-read-only", $"The folder of {file} cannot be written. Give the process the right to write there, or name another file with --database sqlite:FILE.", error);
        }
        catch (IOException error) when (File.Exists(file + ".lock"))
        {
            throw new StorageException("storage-in-use", $"Another process uses {file}. Stop it, or name another file with --database sqlite:FILE.", error);
        }
        catch (IOException error)
        {
            throw new StorageException("storage-unavailable", $"{file} cannot be opened: {error.Message}", error);
        }
    }
}
