using Clinic;
using Headway;

// The rehearsal models answer unless a real one is named: LLM_URL (any OpenAI-compatible server), LLM_KEY, LLM_MODEL.
try
{
    await using var clinic = await ClinicHost.StartAsync(new WebApplicationOptions { Args = args, ContentRootPath = ClinicHost.Folder });
    await clinic.WaitAsync();
    return 0;
}
catch (Exception wrong) when (wrong is HeadwayStartException or IOException)
{
    await Console.Error.WriteLineAsync(wrong.Message);
    return 1;
}
