using Headway;
using ResearchAgent;

// The rehearsal model answers unless a real one is named: LLM_URL (any OpenAI-compatible server), LLM_KEY, LLM_MODEL.
try
{
    await using var host = await ResearchHost.StartAsync(new WebApplicationOptions { Args = args, ContentRootPath = ResearchHost.Folder });
    await host.WaitAsync();
    return 0;
}
catch (Exception wrong) when (wrong is HeadwayStartException or IOException)
{
    await Console.Error.WriteLineAsync(wrong.Message);
    return 1;
}
