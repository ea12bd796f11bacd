using System.Diagnostics;

namespace Headway.Upstream;

/// <summary>A folder with scripts for Node and what they ask npm for, gone when the test has ended.</summary>
public sealed class NodeFolder : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headway-node-").FullName;

    /// <param name="files">Paths of the scripts and of their package.json.</param>
    public static async Task<NodeFolder> CreateAsync(params string[] files)
    {
        var folder = new NodeFolder();
        foreach (var file in files) File.Copy(file, Path.Combine(folder._folder, Path.GetFileName(file)));
        var (code, said) = await folder.RunAsync("npm", "install", "--no-audit", "--no-fund", "--no-package-lock");
        return code == 0 ? folder : throw new InvalidOperationException($"npm install ended with {code}: {said}");
    }

    /// <summary>Runs a program to its end.</summary>
    public async Task<(int Code, string Said)> RunAsync(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        var (said, wrong) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await said + await wrong);
    }

    /// <summary>Starts one that is read while it runs.</summary>
    public Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true })!;

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
