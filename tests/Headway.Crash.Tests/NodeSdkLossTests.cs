using Headway.Crash.Tests.Hosting;
using Headway.Upstream;

namespace Headway.Crash.Tests;

/// <summary>What OpenAI's library for Node sees when the server under its stream is killed.</summary>
public sealed class NodeSdkLossTests
{
    private static readonly string[] Words = ["The ", "patient ", "takes ", "metformin."];

    [Fact(Timeout = 120_000)]
    public async Task It_goes_on_behind_the_last_event_that_it_saw()
    {
        await using var node = await OpenAiNode.StartAsync();
        using var folder = await NodeFolder.CreateAsync(File("package.json"), File("loss.mjs"));
        using var begun = folder.Start("node", "loss.mjs", "begin", Base(node));
        var seen = new List<string>();
        for (var word = 0; word < 2; word++)
        {
            await node.SayAsync(0, Words[word]);
            while (seen is not [.., var last] || !last.EndsWith($"output_text.delta {Words[word]}", StringComparison.Ordinal)) seen.Add(await begun.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException(await begun.StandardError.ReadToEndAsync()));
        }

        await node.KillAsync();
        var rest = (await begun.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await node.StartAgainAsync();
        foreach (var word in Words) await node.SayAsync(1, word);
        node.EndSaying(1);
        var id = seen.Concat(rest).Single(line => line.StartsWith("id ", StringComparison.Ordinal))["id ".Length..];
        int[] before = [.. Numbers(seen.Concat(rest))];
        var (code, said) = await folder.RunAsync("node", "loss.mjs", "go-on", Base(node), id, $"{before[^1]}");

        rest[^1].ShouldStartWith("broke ");
        code.ShouldBe(0, said);
        var lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        int[] all = [.. before, .. Numbers(lines)];
        all.ShouldBe(Enumerable.Range(0, all.Length));
        lines.ShouldContain($"whole completed {string.Concat(Words)}");
        lines[^1].ShouldBe("cancelled completed");
    }

    private static IEnumerable<int> Numbers(IEnumerable<string> lines) =>
        lines.Where(line => line.StartsWith("event ", StringComparison.Ordinal)).Select(line => int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));

    private static string Base(OpenAiNode node) => node.Address.ToString().TrimEnd('/');

    private static string File(string name) => Path.Combine(AppContext.BaseDirectory, "Node", name);
}
