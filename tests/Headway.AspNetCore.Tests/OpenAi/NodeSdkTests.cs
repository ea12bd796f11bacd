using Headway.Upstream;

namespace Headway.AspNetCore.Tests.OpenAi;

/// <summary>OpenAI's own library for Node finds nothing amiss.</summary>
public sealed class NodeSdkTests
{
    // A server to each name, so that what a model does follows from how it is called.
    private static readonly IReadOnlyDictionary<string, Script> Servers = new Dictionary<string, Script>
    {
        ["fast"] = Scripts.Events(Scripts.Fixture("openai/stream")),
        ["whole"] = Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")),
        ["long"] = Scripts.Whole(400, "application/json", Scripts.Fixture("openai/error-context-length")),
        ["broken"] = Scripts.Events(Scripts.Fixture("openai/stream").Before("metformin")),
        ["tools"] = Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole-tools")),
        ["streamed-tools"] = Scripts.Events(Scripts.Fixture("openai/stream-tools")),
        ["slow"] = Scripts.Silence(),
        ["vectors"] = Scripts.Whole(200, "application/json", Scripts.Fixture("openai/embeddings-base64")),
    };

    [Theory]
    [InlineData("chat.mjs", 10, 1)]
    [InlineData("responses.mjs", 14, 1)]
    [InlineData("files.mjs", 4, 0)]
    public async Task It_keeps_every_promise_of_its_script(string script, int promises, int tooLong)
    {
        var servers = new Dictionary<string, ModelUpstream>();
        foreach (var (name, does) in Servers) servers.Add(name, await ModelUpstream.StartAsync(does));
        try
        {
            await using var host = await HeadwayHost.StartAsync(Features(servers), beside: [("note.hbs", "Summarise: {{text}}")]);
            using var folder = await NodeFolder.CreateAsync([.. ((string[])["package.json", "promise.mjs", script]).Select(file => Path.Combine(AppContext.BaseDirectory, "OpenAi", "Node", file))]);

            var (code, said) = await folder.RunAsync("node", script, host.Http.BaseAddress!.ToString().TrimEnd('/'));

            code.ShouldBe(0, said);
            said.Split('\n').Count(line => line.StartsWith("kept: ", StringComparison.Ordinal)).ShouldBe(promises, said);
            servers["long"].Calls.Count.ShouldBe(tooLong);
        }
        finally
        {
            foreach (var server in servers.Values) await server.DisposeAsync();
        }
    }

    private static string Features(Dictionary<string, ModelUpstream> servers) => $$"""
        defaults: { retention: { payload: 1h } }
        models:
        {{string.Concat(servers.Select(server => $$"""
              {{server.Key}}: { provider: openai, baseUrl: "{{server.Value.BaseUrl}}", model: m, expose: true{{(server.Key == "vectors" ? ", kind: embedding" : "")}} }

            """))}}
        features:
          note:
            contract: { mode: sync, caller: waits, acceptableWait: 20s }
            handler: { prompt: note.hbs, models: [fast] }
            timeout: 10s
            fallback: none
          talk:
            contract: { mode: stream, caller: converses, output: prose }
            handler: { prompt: note.hbs, models: [fast] }
            timeout: 10s
        """;
}
