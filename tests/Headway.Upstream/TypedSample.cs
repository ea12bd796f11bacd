using System.Diagnostics;

namespace Headway.Upstream;

/// <summary>The samples of a document, typed into a shell as they stand there.</summary>
public static class TypedSample
{
    /// <summary>The folder that the documents lie in.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The script of a document that stands behind a mark such as `runnable: clinic`.</summary>
    /// <param name="document">Its path from the root.</param>
    public static string Script(string document, string mark)
    {
        var text = File.ReadAllText(Path.Combine(Root, document));
        var fence = $"<!-- {mark} -->\n```bash\n";
        var start = text.IndexOf(fence, StringComparison.Ordinal);
        if (start < 0) throw new InvalidOperationException($"{document} has no sample marked `{mark}`.");
        start += fence.Length;
        return text[start..text.IndexOf("\n```", start, StringComparison.Ordinal)];
    }

    /// <summary>What it said. A script that ends with another code than 0, or not in time, is a failure.</summary>
    public static async Task<string> TypeAsync(string script, TimeSpan within, params (string Name, string Value)[] settings)
    {
        ArgumentNullException.ThrowIfNull(script);
        ArgumentNullException.ThrowIfNull(settings);
        var start = new ProcessStartInfo("bash", ["-e"]) { WorkingDirectory = Root, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings) start.Environment[name] = value;
        using var bash = Process.Start(start)!;
        // Whatever it began in the background ends with it.
        await bash.StandardInput.WriteAsync($"trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{script}\n").ConfigureAwait(false);
        bash.StandardInput.Close();
        var (said, wrong) = (bash.StandardOutput.ReadToEndAsync(), bash.StandardError.ReadToEndAsync());
        try
        {
            await bash.WaitForExitAsync().WaitAsync(within).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            bash.Kill(entireProcessTree: true);
            throw new TimeoutException($"The script did not end within {within}:\n{await said.ConfigureAwait(false)}{await wrong.ConfigureAwait(false)}");
        }
        return bash.ExitCode == 0 ? await said.ConfigureAwait(false) : throw new InvalidOperationException($"The script ended with {bash.ExitCode}:\n{await said.ConfigureAwait(false)}{await wrong.ConfigureAwait(false)}");
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Headway.slnx"))) folder = folder.Parent;
        return folder.FullName;
    }
}
