using Headway.Features;
using Headway.Handlers.Code;
using Headway.Jobs.Running;
using Headway.Workflows;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headway.AspNetCore.Hosting;

/// <summary>Starts the engine before the first connection is taken and stops it after the last was answered.</summary>
internal sealed partial class EngineService(
    EngineHost host, IOptions<HeadwayOptions> options, IConfiguration configuration, IHostEnvironment environment, CodeHandlers code, WorkflowCode workflows, ILoggerFactory logs, ILogger<EngineService> logger, IServiceProvider services)
    : IHostedLifecycleService
{
    // The server takes connections in StartAsync; everything that calls need is there before.
    public async Task StartingAsync(CancellationToken stop)
    {
        var chosen = options.Value;
        var file = Path.Combine(environment.ContentRootPath, chosen.File ?? "headway.yaml");
        try
        {
            var engine = await Engine.StartAsync(chosen.Adjust(new EngineOptions { File = file, Database = chosen.Database, Duty = NodeDuty.Parse(chosen.Duty, chosen.Pools), Time = chosen.Time, Code = code, Workflows = workflows, PublicUrl = chosen.PublicUrl, Logs = logs, MayMakeMasterKey = declared => IsForLoopback(chosen.Listen, declared) }), stop);
            host.Set(engine);
            Listen(chosen.Listen, engine.Features.Server.Listen?.OriginalString);
        }
        catch (StartupException cannot)
        {
            throw Told(new HeadwayStartException(cannot.Message));
        }
        catch (HeadwayStartException cannot)
        {
            await StoppedAsync(CancellationToken.None);
            throw Told(cannot);
        }
    }

    // Where nobody catches it, the runtime would end the process with an abort and a core dump: a mistake in a file is no crash.
    private static HeadwayStartException Told(HeadwayStartException cannot)
    {
        AppDomain.CurrentDomain.UnhandledException += static (_, unhandled) =>
        {
            if (unhandled.ExceptionObject is HeadwayStartException) Environment.Exit(ExitCode);
        };
        return cannot;
    }

    private const int ExitCode = 1;

    public Task StartAsync(CancellationToken stop) => Task.CompletedTask;

    // Addresses can also come from Kestrel's own configuration, which only shows once it listens.
    public Task StartedAsync(CancellationToken stop)
    {
        if (Addresses() is not { } addresses) return Task.CompletedTask;
        Listening.Require(addresses, host.Engine.Access.IsClosed);
        foreach (var address in Listening.InTheClear(addresses)) InTheClear(address);
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken stop) => Task.CompletedTask;

    public Task StopAsync(CancellationToken stop) => Task.CompletedTask;

    // The server has answered its last call by now; what still runs is handed back as the engine closes.
    public Task StoppedAsync(CancellationToken stop) => host.DisposeAsync().AsTask();

    private void Listen(string? chosen, string? declared)
    {
        if (Addresses() is not { } addresses) return;
        if (chosen is not null) Replace(addresses, chosen);
        else if (addresses.Count == 0) Replace(addresses, First(configuration["urls"], configuration["ASPNETCORE_URLS"], declared) ?? Listening.Default);
        Listening.Require(addresses, host.Engine.Access.IsClosed);
    }

    // Before the server knows. Where there is no issuer, whoever listens beyond loopback has keys, and so a master key.
    private bool IsForLoopback(string? chosen, FeatureFile file) =>
        file.Server.Auth is null || Listening.Split(chosen ?? First(configuration["urls"], configuration["ASPNETCORE_URLS"], file.Server.Listen?.OriginalString) ?? Listening.Default).All(Listening.IsLoopback);

    [LoggerMessage(LogLevel.Warning, "Headway listens on {Address} without TLS: keys and content can be read by everybody on the way. Let a proxy that speaks TLS stand before it, or listen on https")]
    private partial void InTheClear(string address);

    private ICollection<string>? Addresses() => (services.GetService(typeof(IServer)) as IServer)?.Features.Get<IServerAddressesFeature>()?.Addresses;

    private static void Replace(ICollection<string> addresses, string chosen)
    {
        addresses.Clear();
        foreach (var address in Listening.Split(chosen)) addresses.Add(address);
    }

    private static string? First(params ReadOnlySpan<string?> values)
    {
        foreach (var value in values)
        {
            if (!string.IsNullOrWhiteSpace(value)) return value;
        }

        return null;
    }
}
