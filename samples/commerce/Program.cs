using Commerce;
using Headway;

// The rehearsal model answers unless a real one is named: LLM_URL (any OpenAI-compatible server), LLM_KEY, LLM_MODEL.
try
{
    await using var app = await CommerceHost.StartAsync(new WebApplicationOptions { Args = args, ContentRootPath = CommerceHost.Folder });
    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception wrong) when (wrong is HeadwayStartException or IOException)
{
    await Console.Error.WriteLineAsync(wrong.Message);
    return 1;
}
