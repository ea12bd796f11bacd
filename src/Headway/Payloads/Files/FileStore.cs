using Headway.Storage;
using Headway.Storage.Sqlite;

namespace Headway.Payloads.Files;

/// <summary>The sealed chunks and descriptions of files as they lie in the database.</summary>
internal sealed class FileStore(Database database)
{
    private static readonly Sql AddFile = Sql.At("Payloads/Storage/AddFile");
    private static readonly Sql DescribeFile = Sql.At("Payloads/Storage/DescribeFile");
    private static readonly Sql AddChunk = Sql.At("Payloads/Storage/AddFileChunk");
    private static readonly Sql FindChunk = Sql.At("Payloads/Storage/ReadFileChunk");
    private static readonly Sql ListFiles = Sql.At("Payloads/Storage/ListFiles");
    private static readonly Sql DeleteFile = Sql.At("Payloads/Storage/DeleteFile");
    private static readonly Sql DeleteFileChunks = Sql.At("Payloads/Storage/DeleteFileChunks");
    private static readonly Sql NextFiles = Sql.At("Payloads/Storage/NextFiles");
    private static readonly Sql IsJob = Sql.At("Payloads/Storage/IsJob");
    private static readonly Sql Numbers = Sql.At("Payloads/Storage/FileNumbers");

    /// <summary>Keeps one chunk, with the first the file's row, with the last its description. Durable when it completes; the bytes are copied by then.</summary>
    public Task AddChunkAsync(JobId job, int number, int chunk, ReadOnlyMemory<byte> body, byte[]? description) => database.WriteAsync(new Deed<int>(session =>
    {
        if (chunk == 0) session.Use(AddFile).Bind(1, job).Bind(2, (long)number).Execute();
        session.Use(AddChunk).Bind(1, job).Bind(2, (long)number).Bind(3, (long)chunk).Bind(4, body.Span).Execute();
        return description is null ? 0 : session.Use(DescribeFile).Bind(1, description).Bind(2, job).Bind(3, (long)number).Execute();
    }));

    /// <summary>Hands the sealed bytes to <paramref name="open"/> where they lie, uncopied; null: there is no such chunk.</summary>
    public int? ReadChunk(JobId job, int number, int chunk, ChunkOpener open) => database.Read(session =>
    {
        using var statement = session.Use(FindChunk).Bind(1, job).Bind(2, (long)number).Bind(3, (long)chunk);
        return statement.Step() ? open(statement.Bytes(0)) : (int?)null;
    });

    public List<(int Number, byte[] Description)> List(JobId job) => database.Read(session =>
    {
        var rows = new List<(int, byte[])>();
        using var statement = session.Use(ListFiles).Bind(1, job);
        while (statement.Step()) rows.Add((statement.Int32(0), statement.Blob(1)!));
        return rows;
    });

    public Task<int> DeleteFileAsync(JobId job, int number) => database.WriteAsync(new Deed<int>(session => DeleteIn(session, job, number)));

    public Task<int> DeleteAsync(JobId job) => database.WriteAsync(new Deed<int>(session => DeleteIn(session, job)));

    /// <summary>Deletes the files of a job unless it was accepted after all.</summary>
    public Task<int> DeleteOrphansAsync(JobId job) => database.WriteAsync(new Deed<int>(session =>
    {
        using var statement = session.Use(IsJob).Bind(1, job);
        return statement.Step() ? 0 : DeleteIn(session, job);
    }));

    /// <summary>For a write that deletes the job too.</summary>
    public static int DeleteIn(SqliteSession session, JobId job)
    {
        var numbers = new List<int>();
        using (var statement = session.Use(Numbers).Bind(1, job))
        {
            while (statement.Step()) numbers.Add(statement.Int32(0));
        }
        return numbers.Sum(number => DeleteIn(session, job, number));
    }

    /// <summary>The next jobs with files after <paramref name="after"/> and older than <paramref name="before"/>, and whether each was accepted.</summary>
    public List<(JobId Job, bool Accepted)> Next(JobId after, JobId before, int most) => database.Read(session =>
    {
        var rows = new List<(JobId, bool)>();
        using var statement = session.Use(NextFiles).Bind(1, after).Bind(2, before).Bind(3, (long)most);
        while (statement.Step()) rows.Add((statement.JobId(0), statement.Int64(1) != 0));
        return rows;
    });

    private static int DeleteIn(SqliteSession session, JobId job, int number)
    {
        session.Use(DeleteFileChunks).Bind(1, job).Bind(2, (long)number).Execute();
        return session.Use(DeleteFile).Bind(1, job).Bind(2, (long)number).Execute();
    }

    private sealed class Deed<T>(Func<SqliteSession, T> apply) : Write<T>
    {
        protected override T Apply(SqliteSession session) => apply(session);
    }
}

/// <summary>Opens sealed bytes; gives the length of the plain ones.</summary>
internal delegate int ChunkOpener(ReadOnlySpan<byte> body);
