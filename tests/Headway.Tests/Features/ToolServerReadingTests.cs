using Headway.Features;

namespace Headway.Tests.Features;

public sealed class ToolServerReadingTests : IDisposable
{
    private readonly FileFolder _folder = new FileFolder().With("p.hbs", "Say {{input}}");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Tool_servers_are_named_once_and_features_refer_to_them()
    {
        _folder.Environment["TOKEN"] = "s3cret";
        var file = _folder.Valid("""
            toolServers:
              drugs: { mcp: "https://drugs.example/mcp", headers: { Authorization: "Bearer ${TOKEN}" }, allowedData: [phi], timeout: 5s }
              local: { command: [node, server.js, --quiet], environment: { KEY: "${TOKEN}" } }
            models: { fast: { provider: rehearsal, allowedData: [phi] } }
            features:
              a: { contract: { mode: async, deliverWithin: 1m, data: phi }, handler: { prompt: p.hbs, models: [fast], tools: [drugs, drugs/look/up, drugs], toolRounds: 3 } }
              b: { contract: { mode: async, deliverWithin: 1m }, handler: { prompt: p.hbs, models: [fast], tools: [local] } }
            """);

        var (drugs, local) = (file.ToolServers["drugs"], file.ToolServers["local"]);
        (drugs.Url, drugs.Headers["Authorization"], drugs.Timeout).ShouldBe((new Uri("https://drugs.example/mcp"), "Bearer s3cret", TimeSpan.FromSeconds(5)));
        drugs.AllowedData.Order().ShouldBe([DataClass.Public, DataClass.Internal, DataClass.Phi]);
        local.Command.ShouldBe(["node", "server.js", "--quiet"]);
        (local.Environment["KEY"], local.Folder, local.Timeout).ShouldBe(("s3cret", _folder.Folder, TimeSpan.FromSeconds(30)));
        var prompt = file.Features["a"].Latest.Handler.ShouldBeOfType<PromptDefinition>();
        prompt.Tools.ShouldBe(["drugs", "drugs/look/up"]);
        (prompt.ToolRounds, ToolName.Of(prompt.Tools[1])).ShouldBe((3, new ToolName("drugs", "look/up")));
        file.Features["b"].Latest.Handler.ShouldBeOfType<PromptDefinition>().ToolRounds.ShouldBe(8);
        file.Features.Values.ShouldAllBe(feature => !feature.Latest.DefinitionJson.Contains("s3cret"));
    }
}
