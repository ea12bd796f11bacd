using System.Diagnostics;
using System.Net;
using Headway.Crash.Tests.Checking;
using Headway.Crash.Tests.Hosting;
using Headway.Crash.Tests.Load;
using Headway.Tests.Storage;

namespace Headway.Crash.Tests;

/// <summary>A disk that is full for a while, one that may only be read, and files that are another's.</summary>
public sealed class DiskTests : IDisposable
{
    private const int Refused = 3;

    private readonly string _root = Directory.CreateTempSubdirectory("headway-disk-").FullName;
    private readonly List<string> _mounted = [];

    [SqliteFact]
    public async Task A_full_disk_refuses_with_its_name_loses_nothing_and_is_forgotten_when_there_is_space()
    {
        using var data = new DataFolder(Mount("size=6m"));
        using var ledger = new Ledger(Path.Combine(_root, "ledger"));
        await using var node = await HostProcess.StartAsync(data);
        var held = await node.AcceptedAsync("slow", """{"takes":1500}""");
        ledger.Promise(new Promise(held, "slow", null));
        ledger.Promise(new Promise(await node.AcceptedAsync("doomed", """{"takes":500}"""), "doomed", null));

        var filler = Path.Combine(data.Root, "filler");
        Fill(filler);
        var refused = await RefusedAsync(node, ledger);
        refused.ShouldContain("\"code\":\"storage-full\"");
        refused.ShouldContain(data.Database);
        // What had ended meanwhile could not be written, and is not lost: the node keeps trying.
        (await node.Http.GetAsync($"/v1/jobs/{held}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await node.Http.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);

        File.Delete(filler);
        ledger.Promise(new Promise(await node.AcceptedAsync("quick", key: "refused"), "quick", "refused"));
        await Ends.AllAsync(node, data);
        await node.StopAsync();
        Checker.Check(data, ledger).ShouldBeEmpty(node.Output);
    }

    [SqliteFact]
    public async Task A_node_that_is_killed_on_a_full_disk_starts_again_when_there_is_space()
    {
        using var data = new DataFolder(Mount("size=6m"));
        using var ledger = new Ledger(Path.Combine(_root, "ledger"));
        var filler = Path.Combine(data.Root, "filler");
        await using (var node = await HostProcess.StartAsync(data))
        {
            ledger.Promise(new Promise(await node.AcceptedAsync("slow", """{"takes":500}"""), "slow", null));
            Fill(filler);
            await RefusedAsync(node, ledger);
            await node.KillAsync();
        }
        File.Delete(filler);
        await using var next = await HostProcess.StartAsync(data);
        await Ends.AllAsync(next, data);
        await next.StopAsync();
        Checker.Check(data, ledger).ShouldBeEmpty(next.Output);
    }

    [SqliteFact]
    public async Task A_disk_that_may_only_be_read_is_refused_in_words()
    {
        var folder = Mount("size=6m");
        using var data = new DataFolder(folder);
        await using (var node = await HostProcess.StartAsync(data)) await node.StopAsync();
        Shell("mount", "-o", "remount,ro", folder);
        var (code, output) = await HostProcess.FailAsync(data);
        Shell("mount", "-o", "remount,rw", folder);
        code.ShouldBe(Refused, output);
        output.ShouldContain("storage-read-only");
        output.ShouldContain(folder);
        output.ShouldNotContain("   at ");
    }

    [SqliteFact]
    public async Task A_second_node_on_the_same_file_is_refused_in_words_and_the_first_goes_on()
    {
        using var data = new DataFolder(Path.Combine(_root, "data"));
        Directory.CreateDirectory(data.Root);
        await using var first = await HostProcess.StartAsync(data);
        var (code, output) = await HostProcess.FailAsync(data);
        code.ShouldBe(Refused, output);
        output.ShouldContain("storage-in-use");
        output.ShouldContain(data.Database);
        await first.AcceptedAsync("quick");
    }

    [SqliteFact]
    public async Task A_database_of_a_newer_version_is_refused_in_words_and_left_as_it_is()
    {
        using var data = new DataFolder(Path.Combine(_root, "data"));
        Directory.CreateDirectory(data.Root);
        await using (var node = await HostProcess.StartAsync(data)) await node.StopAsync();
        Checker.Tamper(data.Database, "INSERT INTO migrations VALUES (9999, '9999_of_tomorrow', 'AB', 0)");
        var before = await File.ReadAllBytesAsync(data.Database);
        var (code, output) = await HostProcess.FailAsync(data);
        code.ShouldBe(Refused, output);
        output.ShouldContain("storage-newer");
        (await File.ReadAllBytesAsync(data.Database)).ShouldBe(before);
    }

    [SqliteFact]
    public async Task A_file_that_is_no_database_is_refused_in_words_and_left_as_it_is()
    {
        using var data = new DataFolder(Path.Combine(_root, "data"));
        Directory.CreateDirectory(data.Root);
        var letter = string.Concat(Enumerable.Repeat("Dear reader, this is no database. ", 500));
        await File.WriteAllTextAsync(data.Database, letter);
        var (code, output) = await HostProcess.FailAsync(data);
        code.ShouldBe(Refused, output);
        output.ShouldContain("storage-corrupt");
        (await File.ReadAllTextAsync(data.Database)).ShouldBe(letter);
    }

    /// <summary>Calls until the node has no room, noting what it still takes.</summary>
    private static async Task<string> RefusedAsync(HostProcess node, Ledger ledger)
    {
        for (var call = 0; call < 2_000; call++)
        {
            using var answer = await node.CallAsync("quick", key: "refused-" + call);
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) return await answer.Content.ReadAsStringAsync();
            ledger.Promise(new Promise(answer.JobOf()!, "quick", "refused-" + call));
        }
        throw new InvalidOperationException("The disk was never full.");
    }

    private static void Fill(string file)
    {
        try
        {
            using var filler = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 0);
            for (var block = new byte[4_096]; ;) filler.Write(block);
        }
        catch (IOException)
        {
            // Full.
        }
    }

    /// <summary>A file system of its own in memory.</summary>
    private string Mount(string options)
    {
        if (Environment.UserName != "root") Assert.Skip("Only root can mount a small file system.");
        var folder = Path.Combine(_root, "mounted");
        Directory.CreateDirectory(folder);
        try
        {
            Shell("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder);
        }
        catch (InvalidOperationException denied)
        {
            Assert.Skip("A small file system cannot be mounted here: " + denied.Message);
        }
        _mounted.Add(folder);
        return folder;
    }

    private static void Shell(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{command}: {error}");
    }

    public void Dispose()
    {
        foreach (var folder in _mounted) Shell("umount", folder);
        Directory.Delete(_root, recursive: true);
    }
}
