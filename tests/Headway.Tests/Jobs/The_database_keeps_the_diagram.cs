using Headway.Jobs;
using Headway.Storage;
using Headway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Tests.Jobs;

/// <summary>Every pair of states is tried against the triggers, and what they let through is compared with the table in docs/durability.md.</summary>
public sealed class The_database_keeps_the_diagram : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headway-").FullName;
    private Database _database = null!;

    public ValueTask InitializeAsync()
    {
        _database = Database.Open(TestDatabase.At(Path.Combine(_folder, "states.db")), TimeProvider.System, NullLogger.Instance);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task It_lets_through_what_the_page_shows_and_nothing_else()
    {
        var documented = Documented();
        foreach (var from in Enum.GetValues<JobState>())
        {
            foreach (var to in Enum.GetValues<JobState>().Where(to => to != from))
            {
                var allowed = await _database.WriteAsync(new Try(from, to));
                // Leaving the queue is how a job ends: from any queue state the record may go to any end that the page knows for it.
                if (from < JobState.Succeeded && to >= JobState.Succeeded) continue;
                allowed.ShouldBe(documented.Contains((from, to)), $"{from} to {to}");
            }
        }
    }

    private static HashSet<(JobState From, JobState To)> Documented()
    {
        var rows = File.ReadLines(Path.Combine(Repository.Root, "docs", "durability.md"))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length > 3 && Enum.TryParse<JobState>(cells[1], ignoreCase: true, out _) && Enum.TryParse<JobState>(cells[2], ignoreCase: true, out _))
            .Select(cells => (Enum.Parse<JobState>(cells[1], ignoreCase: true), Enum.Parse<JobState>(cells[2], ignoreCase: true)))
            .ToHashSet();
        rows.Count.ShouldBeGreaterThan(15);
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Puts one job into a state and tries to move it; undone in any case.</summary>
    private sealed class Try(JobState from, JobState to) : Write<bool>
    {
        protected override async ValueTask<bool> ApplyAsync(Session session)
        {
            await session.RunAsync("SAVEPOINT attempt");
            try
            {
                await session.RunAsync($"""
                    INSERT INTO jobs (id, tenant, actor, definition, mode, state, priority, created, finished)
                    VALUES ({TestDatabase.Id(default)}, 't', 'a', 1, 2, {(from >= JobState.Succeeded ? (int)from : 0)}, 5, 0, {(from >= JobState.Succeeded ? "0" : "NULL")})
                    """);
                if (from < JobState.Succeeded) await session.RunAsync($"INSERT INTO queue (job, pool, state, rank, due, lease) VALUES ({TestDatabase.Id(default)}, 1, {(int)from}, 0, {(from is JobState.Scheduled ? "0" : "NULL")}, {(from is JobState.Running ? "1" : "NULL")})");
                await session.RunAsync((from, to) switch
                {
                    ( < JobState.Succeeded, < JobState.Succeeded) =>
                        $"UPDATE queue SET state = {(int)to}, due = {(to is JobState.Scheduled ? "0" : "NULL")}, lease = {(to is JobState.Running ? "1" : "NULL")}",
                    ( < JobState.Succeeded, _) => $"DELETE FROM queue; UPDATE jobs SET state = {(int)to}, finished = 0",
                    (_, < JobState.Succeeded) => "UPDATE jobs SET state = 0, finished = NULL",
                    _ => $"UPDATE jobs SET state = {(int)to}, finished = 0",
                });
                // A record under way again is a queued job: replay writes that queue row and no other.
                return from < JobState.Succeeded || to is JobState.Queued or > JobState.Paused;
            }
            catch (StorageException)
            {
                return false;
            }
            finally
            {
                await session.RunAsync("ROLLBACK TO attempt; RELEASE attempt");
            }
        }
    }
}
