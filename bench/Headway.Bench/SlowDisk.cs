using System.Diagnostics;
using System.Globalization;

namespace Headway.Bench;

/// <summary>Runs this program once more with a disk that takes longer to say that something is on it, as those of a cloud do: for every program that it starts, too.</summary>
internal static class SlowDisk
{
    private const string Variable = "HEADWAY_BENCH_DISK_MS";

    // What databases wait with. Each wait of a file takes so much longer; waits of several files at once take it at once, as a disk would.
    private const string Shim = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stdlib.h>
        #include <time.h>

        static void wait_longer(void)
        {
            const char *asked = getenv("HEADWAY_BENCH_DISK_MS");
            double ms = asked ? atof(asked) : 0;
            struct timespec t = { (time_t)(ms / 1000), (long)(ms * 1000000) % 1000000000 };
            if (ms > 0) nanosleep(&t, 0);
        }

        int fsync(int file)
        {
            int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
            wait_longer();
            return real(file);
        }

        int fdatasync(int file)
        {
            int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
            wait_longer();
            return real(file);
        }
        """;

    /// <summary>Null: this process has that disk, or none was asked for.</summary>
    /// <exception cref="InvalidOperationException">There is no C compiler.</exception>
    public static async Task<int?> RunAsync(Plan plan, string[] args)
    {
        if (plan.DiskDelay is not { } delay || Environment.GetEnvironmentVariable(Variable) is not null) return null;
        var folder = Directory.CreateTempSubdirectory("headway-bench-disk-");
        try
        {
            // The server of PostgreSQL runs as somebody else.
            if (!OperatingSystem.IsWindows()) folder.UnixFileMode |= UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
            var (source, library) = (Path.Combine(folder.FullName, "disk.c"), Path.Combine(folder.FullName, "disk.so"));
            await File.WriteAllTextAsync(source, Shim);
            if (await EndOfAsync("cc", "-O2", "-shared", "-fPIC", "-o", library, source, "-ldl") != 0) throw new InvalidOperationException("--disk needs a C compiler: install gcc.");
            var again = new ProcessStartInfo(Environment.ProcessPath!, args);
            again.Environment["LD_PRELOAD"] = library;
            again.Environment[Variable] = delay.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
            using var process = Process.Start(again)!;
            await process.WaitForExitAsync();
            return process.ExitCode;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<int> EndOfAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
