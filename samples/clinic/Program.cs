using Clinic;

// The rehearsal models answer unless a real one is named: LLM_URL (any OpenAI-compatible server), LLM_KEY, LLM_MODEL.
await using var clinic = await ClinicHost.StartAsync(new WebApplicationOptions { Args = args, ContentRootPath = ClinicHost.Folder });
await clinic.WaitAsync();
