using Headway;
using Headway.Crash.Host;

// A node for the crash tests. HEADWAY_DATABASE and HEADWAY_LISTEN say where, HEADWAY_CRASH_… what goes wrong.
var seeded = Environment.GetEnvironmentVariable("HEADWAY_CRASH_BUG");
if (seeded is not null) SeededBug.Plant(seeded);
var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
builder.AddHeadway(options => options.Adjust = engine => engine with
{
    Fault = KillPoint.FromEnvironment(),
    Lease = Span("HEADWAY_CRASH_LEASE_MS") ?? engine.Lease,
    DrainWithin = Span("HEADWAY_CRASH_DRAIN_MS") ?? engine.DrainWithin,
});
using var effects = new Effects(Environment.GetEnvironmentVariable("HEADWAY_CRASH_EFFECTS") ?? throw new InvalidOperationException("HEADWAY_CRASH_EFFECTS names no file."));
builder.Services.AddSingleton(effects);
await using var app = builder.Build();
new Works(effects, app.Services.GetRequiredService<TimeProvider>()).Map(app);
app.MapHeadway();
try
{
    await app.StartAsync();
    KillPoint.Count();
    Console.WriteLine($"listening {app.Urls.First()}");
    await app.WaitForShutdownAsync();
    return 0;
}
catch (Headway.HeadwayStartException refused)
{
    await Console.Error.WriteLineAsync(refused.Message);
    return 3;
}

static TimeSpan? Span(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), out var milliseconds) ? TimeSpan.FromMilliseconds(milliseconds) : null;
