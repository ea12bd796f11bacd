using Headway.Storage;

namespace Headway.Payloads.Files;

/// <summary>The sealed chunks and descriptions of files as they lie in the database.</summary>
internal sealed class FileStore(Database database)
{
    /// <summary>Chunks that one write deletes, some 16 MB: a file of any length must not hold the one writer for as long as it takes to free its pages.</summary>
    public const int ChunksPerWrite = 64;

    private static readonly Sql AddFile = Sql.At("Payloads/Storage/AddFile");
    private static readonly Sql DescribeFile = Sql.At("Payloads/Storage/DescribeFile");
    private static readonly Sql AddChunk = Sql.At("Payloads/Storage/AddFileChunk");
    private static readonly Sql FindChunk = Sql.At("Payloads/Storage/ReadFileChunk");
    private static readonly Sql ListFiles = Sql.At("Payloads/Storage/ListFiles");
    private static readonly Sql DeleteFile = Sql.At("Payloads/Storage/DeleteFile");
    private static readonly Sql DeleteFileChunks = Sql.At("Payloads/Storage/DeleteFileChunks");
    private static readonly Sql NextFiles = Sql.At("Payloads/Storage/NextFiles");
    private static readonly Sql IsOwned = Sql.At("Payloads/Storage/IsOwned");
    private static readonly Sql ForgetDescriptions = Sql.At("Payloads/Storage/ForgetDescriptions");
    private static readonly Sql DeleteSomeChunks = Sql.At("Payloads/Storage/DeleteSomeChunks");
    private static readonly Sql Numbers = Sql.At("Payloads/Storage/FileNumbers");

    /// <summary>Keeps one chunk, with the first the file's row, with the last its description. Durable when it completes; the bytes are copied by then.</summary>
    public Task AddChunkAsync(JobId job, int number, int chunk, ReadOnlyMemory<byte> body, byte[]? description) => database.WriteAsync(new Deed<int>(async session =>
    {
        if (chunk == 0) session.Use(AddFile).Bind(1, job).Bind(2, (long)number).Send();
        session.Use(AddChunk).Bind(1, job).Bind(2, (long)number).Bind(3, (long)chunk).Bind(4, body.Span).Send();
        return description is null ? 0 : await session.Use(DescribeFile).Bind(1, description).Bind(2, job).Bind(3, (long)number).ExecuteAsync().ConfigureAwait(false);
    }));

    /// <summary>Hands the sealed bytes to <paramref name="open"/> where they lie, uncopied; null: there is no such chunk.</summary>
    public int? ReadChunk(JobId job, int number, int chunk, ChunkOpener open) => database.Read(async session =>
    {
        using var statement = session.Use(FindChunk).Bind(1, job).Bind(2, (long)number).Bind(3, (long)chunk);
        return await statement.StepAsync().ConfigureAwait(false) ? open(statement.Bytes(0)) : (int?)null;
    });

    public List<(int Number, byte[] Description)> List(JobId job) => database.Read(async session =>
    {
        var rows = new List<(int, byte[])>();
        using var statement = session.Use(ListFiles).Bind(1, job);
        while (await statement.StepAsync().ConfigureAwait(false)) rows.Add((statement.Int32(0), statement.Blob(1)!));
        return rows;
    });

    /// <summary>Piece by piece; who breaks off in between leaves the file's row, and so what finds the rest again.</summary>
    public async Task<int> DeleteFileAsync(JobId job, int number)
    {
        while (await database.WriteAsync(new Deed<int>(session => session.Use(DeleteSomeChunks).Bind(1, job).Bind(2, (long)number).Bind(3, (long)ChunksPerWrite).ExecuteAsync())).ConfigureAwait(false) == ChunksPerWrite) { }
        return await database.WriteAsync(new Deed<int>(session => DeleteInAsync(session, job, number))).ConfigureAwait(false);
    }

    public Task<int> DeleteAsync(JobId job) => database.WriteAsync(new Deed<int>(session => DeleteInAsync(session, job)));

    /// <summary>Deletes what lies under an id unless it became a job or a kept file after all.</summary>
    public async Task<int> DeleteOrphansAsync(JobId job)
    {
        // Condemned in one write, so that what is claimed from now on has no file, and never half of one.
        var numbers = await database.WriteAsync(new Deed<List<int>>(session => CondemnAsync(session, job))).ConfigureAwait(false);
        foreach (var number in numbers) await DeleteFileAsync(job, number).ConfigureAwait(false);
        return numbers.Count;
    }

    private static async ValueTask<List<int>> CondemnAsync(Session session, JobId job)
    {
        using (var owned = session.Use(IsOwned).Bind(1, job))
        {
            if (await owned.StepAsync().ConfigureAwait(false)) return [];
        }
        session.Use(ForgetDescriptions).Bind(1, job).Send();
        return await NumbersInAsync(session, job).ConfigureAwait(false);
    }

    /// <summary>For a write that deletes the job too.</summary>
    public static async ValueTask<int> DeleteInAsync(Session session, JobId job)
    {
        var numbers = await NumbersInAsync(session, job).ConfigureAwait(false);
        return (await session.EachAsync(numbers, number => DeleteInAsync(session, job, number)).ConfigureAwait(false)).Sum();
    }

    /// <summary>The next ids with files after <paramref name="after"/> and older than <paramref name="before"/>, and whether each became a job or a kept file.</summary>
    public List<(JobId Job, bool Owned)> Next(JobId after, JobId before, int most) => database.Read(async session =>
    {
        var rows = new List<(JobId, bool)>();
        using var statement = session.Use(NextFiles).Bind(1, after).Bind(2, before).Bind(3, (long)most);
        while (await statement.StepAsync().ConfigureAwait(false)) rows.Add((statement.JobId(0), statement.Int64(1) != 0));
        return rows;
    });

    private static async ValueTask<List<int>> NumbersInAsync(Session session, JobId job)
    {
        var numbers = new List<int>();
        using var statement = session.Use(Numbers).Bind(1, job);
        while (await statement.StepAsync().ConfigureAwait(false)) numbers.Add(statement.Int32(0));
        return numbers;
    }

    private static ValueTask<int> DeleteInAsync(Session session, JobId job, int number)
    {
        session.Use(DeleteFileChunks).Bind(1, job).Bind(2, (long)number).Send();
        return session.Use(DeleteFile).Bind(1, job).Bind(2, (long)number).ExecuteAsync();
    }
}

/// <summary>A write that a few statements say.</summary>
internal sealed class Deed<T>(Func<Session, ValueTask<T>> apply) : Write<T>
{
    /// <summary>See <see cref="GroupedWrite.Claims"/>.</summary>
    public IReadOnlyList<Claim> Claimed { get; init; } = [];

    internal override IReadOnlyList<Claim> Claims => Claimed;

    protected override ValueTask<T> ApplyAsync(Session session) => apply(session);
}

/// <summary>Opens sealed bytes; gives the length of the plain ones.</summary>
internal delegate int ChunkOpener(ReadOnlySpan<byte> body);
