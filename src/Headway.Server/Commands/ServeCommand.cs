using System.CommandLine;
using Headway.AspNetCore;
using Headway.AspNetCore.Hosting;
using Headway.Features;
using Headway.Server.Screen;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Headway.Server.Commands;

/// <summary>A node that serves a feature file without any code of the user's.</summary>
internal sealed class ServeCommand : Verb
{
    private readonly Terminal _terminal;
    private readonly Option<string?> _file = new("--file", "-f") { Description = "The feature file. Default: HEADWAY_FILE, else headway.yaml.", HelpName = "FILE" };
    private readonly Option<string?> _listen = new("--listen")
    {
        Description = "Address to listen on. Default: HEADWAY_LISTEN, else the feature file's, else http://127.0.0.1:8080.",
        HelpName = "URL",
    };

    private readonly Option<string?> _database = new("--database")
    {
        Description = "Where jobs are kept: sqlite:FILE, or postgres://USER:PASSWORD@HOST:PORT/DATABASE. Default: HEADWAY_DATABASE, else the feature file's, else sqlite:headway.db beside it.",
        HelpName = "sqlite:FILE|postgres://…",
    };

    private readonly Option<string?> _duty = new("--duty")
    {
        Description = "What this node does: api takes calls, worker carries out what is queued. One alone needs PostgreSQL. Default: HEADWAY_DUTY, else api,worker.",
        HelpName = "api|worker|api,worker",
    };

    private readonly Option<string?> _pools = new("--pools")
    {
        Description = "Features, or versions as name@2, whose queued jobs this node carries out. Default: HEADWAY_POOLS, else all.",
        HelpName = "NAME,NAME",
    };

    public ServeCommand(Terminal terminal) : base("serve", "Serves the features of a file.", "headway serve --file headway.yaml --listen http://127.0.0.1:8080")
    {
        _terminal = terminal;
        Add(_file);
        Add(_listen);
        Add(_database);
        Add(_duty);
        Add(_pools);
        SetAction(InvokeAsync);
    }

    private async Task<int> InvokeAsync(ParseResult line, CancellationToken stop)
    {
        var file = line.GetValue(_file) ?? _terminal.Environment("HEADWAY_FILE") ?? "headway.yaml";
        if (!File.Exists(file)) return Refuse(ExitCode.Usage, [$"There is no feature file {Path.GetFullPath(file)}. Name it with --file or HEADWAY_FILE."]);
        var reading = FeatureFileReader.Read(file, _terminal.Environment);
        if (reading.File is null) return Refuse(ExitCode.Finding, reading.Findings.Select(finding => finding.ToString()));
        try
        {
            var listen = line.GetValue(_listen) ?? _terminal.Environment("HEADWAY_LISTEN");
            await using var app = Build(line, file, listen, CertificateFor(listen ?? reading.File.Server.Listen?.OriginalString, reading.File.Server.Tls));
            await app.StartAsync(stop);
            Greet(app, file);
            await app.WaitForShutdownAsync(stop);
            return ExitCode.Ok;
        }
        catch (OptionsValidationException wrong)
        {
            return Refuse(ExitCode.Usage, wrong.Failures);
        }
        catch (Exception wrong) when (wrong is HeadwayStartException or IOException or FormatException)
        {
            return Refuse(ExitCode.Refused, [wrong.Message]);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    /// <summary>Null: it listens in the clear.</summary>
    private static TlsOptions? CertificateFor(string? listen, TlsOptions? tls)
    {
        var isHttps = listen is not null && Listening.Split(listen).Any(address => address.StartsWith("https:", StringComparison.OrdinalIgnoreCase));
        if (isHttps && tls is null) throw new HeadwayStartException($"{listen} needs a certificate: name its files in the feature file, server: {{ tls: {{ certificate: tls.crt, key: tls.key }} }}.");
        if (!isHttps && tls is not null) throw new HeadwayStartException("The feature file names a certificate (`server.tls`), and nothing listens on https: listen on an address such as https://127.0.0.1:8443, or take it out.");
        return tls;
    }

    private WebApplication Build(ParseResult line, string file, string? listen, TlsOptions? tls)
    {
        // The host would watch its folder for a changed appsettings.json, and be woken by each write to a database beside it.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = ["--hostBuilder:reloadConfigOnChange=false"] });
        builder.AddHeadway(options =>
        {
            options.File = Path.GetFullPath(file);
            options.Listen = listen;
            options.Database = line.GetValue(_database) ?? _terminal.Environment("HEADWAY_DATABASE");
            options.Duty = line.GetValue(_duty) ?? _terminal.Environment("HEADWAY_DUTY");
            options.Pools = line.GetValue(_pools) ?? _terminal.Environment("HEADWAY_POOLS");
            options.Time = _terminal.Time;
        });
        if (tls is not null) Show(tls, builder.Services);
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true)
            // The standard output is the command's own.
            .Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging
            .AddFilter("Microsoft", LogLevel.Warning)
            // It says nothing at this level, and would open a scope and an activity for each request all the same.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
            // A start that fails is told by this command, in words and without a stack.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        var app = builder.Build();
        app.MapHeadway();
        return app;
    }

    private static void Show(TlsOptions tls, IServiceCollection services) => services.AddOptions<KestrelServerOptions>().Configure<TimeProvider, ILogger<ListenerCertificate>>((kestrel, time, log) =>
    {
        var certificate = ListenerCertificate.Open(tls.Certificate, tls.Key, time, log);
        kestrel.ConfigureHttpsDefaults(https =>
        {
            // The listener asks for one before it begins; what is shown is chosen for each connection.
            https.ServerCertificate = certificate.Context.TargetCertificate;
            https.OnAuthenticate = (_, authentication) => authentication.ServerCertificateContext = certificate.Context;
        });
    });

    private void Greet(WebApplication app, string file)
    {
        var features = app.Services.GetRequiredService<EngineHost>().Engine.Features.Features.Values;
        _terminal.Out.WriteLine($"Headway serves {file} at {string.Join(", ", app.Urls)}");
        foreach (var version in features.SelectMany(feature => feature.Versions))
            _terminal.Out.WriteLine($"  {JobWords.Word(version.Contract.Mode),-7} {version.FullName}{(version.Route is null ? "" : "  " + version.Route)}");
        _terminal.Out.Flush();
    }

    private int Refuse(int code, IEnumerable<string> reasons)
    {
        foreach (var reason in reasons) _terminal.Error.WriteLine(reason);
        return code;
    }
}
