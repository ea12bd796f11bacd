using Clinic;
using Clinic.Intake;
using Clinic.Interactions;
using Headway;

// The rehearsal models answer unless a real one is named: LLM_URL (any OpenAI-compatible server), LLM_KEY, LLM_MODEL.
Surroundings.ChooseModels();
await using var interactions = await InteractionService.StartAsync(Surroundings.InteractionsAt, TimeProvider.System);

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = Surroundings.Folder });
builder.AddHeadway();
var app = builder.Build();
app.MapHeadway();
app.MapFeature("intake-triage", (IntakeForm form, FeatureContext feature, CancellationToken stop) => Task.FromResult(Triage.Of(form)));
await app.RunAsync();
