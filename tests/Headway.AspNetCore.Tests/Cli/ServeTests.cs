using System.Diagnostics;
using Headway.AspNetCore.Tests.Client;

namespace Headway.AspNetCore.Tests.Cli;

public sealed class ServeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headway-serve-").FullName;

    [Fact]
    public async Task A_file_that_is_not_there_is_code_2()
    {
        var serve = await CommandLine.RunAsync(["serve", "--file", Path.Combine(_folder, "none.yaml")]);

        serve.Code.ShouldBe(2);
        serve.Error.ShouldContain("none.yaml");
        serve.Error.ShouldContain("HEADWAY_FILE");
    }

    [Fact]
    public async Task A_file_with_mistakes_is_told_with_the_place_of_each()
    {
        var serve = await ServeAsync("features:\n  a: { contract: { mode: sink }, handler: code }\n  b: { contarct: { mode: sync }, handler: code }\n");

        serve.Code.ShouldBe(1);
        serve.Error.ShouldContain("headway.yaml:2:");
        serve.Error.ShouldContain("headway.yaml:3:");
    }

    [Fact]
    public async Task Work_that_is_code_is_refused_with_the_host_that_is_missing()
    {
        var serve = await ServeAsync("features:\n  triage: { contract: { mode: sync }, handler: code }\n");

        serve.Code.ShouldBe(4);
        serve.Error.ShouldContain("headway.yaml:2:");
        serve.Error.ShouldContain("MapFeature(\"triage\"");
    }

    [Fact]
    public async Task Parts_that_are_not_served_are_refused_by_name()
    {
        var serve = await ServeAsync("""
            features:
              risk: { contract: { mode: batch }, handler: { http: "http://127.0.0.1:1/" } }
            """);

        serve.Code.ShouldBe(4);
        serve.Error.ShouldContain("the mode batch of risk@1");
    }

    [Fact]
    public async Task An_address_beyond_this_machine_is_refused()
    {
        await WriteAsync(Practice);
        var serve = await CommandLine.RunAsync(["serve", "--file", File, "--listen", "http://0.0.0.0:0"]);

        serve.Code.ShouldBe(4);
        serve.Error.ShouldContain("loopback");
    }

    [Fact]
    public async Task An_address_that_is_taken_is_refused_in_words()
    {
        await using var taken = await WireServer.StartAsync(_ => { });
        await WriteAsync(Practice);

        var serve = await CommandLine.RunAsync(["serve", "--file", File, "--listen", taken.Address.ToString()]);

        serve.Code.ShouldBe(4);
        serve.Error.ShouldContain("address already in use");
        serve.Error.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task The_program_serves_is_called_and_leaves_when_asked()
    {
        await WriteAsync(Practice);
        using var serve = Start($"serve --file {File} --listen http://127.0.0.1:0");
        try
        {
            var errors = serve.StandardError.ReadToEndAsync();
            var greeting = await serve.StandardOutput.ReadLineAsync();
            greeting.ShouldNotBeNull(greeting is null ? await errors : null);
            greeting.ShouldStartWith("Headway serves ");
            (await serve.StandardOutput.ReadLineAsync()).ShouldBe("  sync    summary@1");
            await CallAsync(greeting[(greeting.LastIndexOf(' ') + 1)..]);

            using (var terminate = Process.Start("kill", $"-TERM {serve.Id}")) await terminate.WaitForExitAsync();
            await serve.WaitForExitAsync();
            serve.ExitCode.ShouldBe(0, await errors);
        }
        finally
        {
            if (!serve.HasExited) serve.Kill();
        }
    }

    private static async Task CallAsync(string address)
    {
        using var call = Start($"call summary --server {address} --input -");
        await call.StandardInput.WriteAsync("""{"text":"Ibuprofen twice a day."}""");
        call.StandardInput.Close();
        (await call.StandardOutput.ReadToEndAsync()).ShouldContain("Ibuprofen");
        await call.WaitForExitAsync();
        call.ExitCode.ShouldBe(0);
    }

    private const string Practice = """
        models:
          practice: { provider: rehearsal, firstToken: { p50: 1ms, p99: 2ms }, tokensPerSecond: 2000 }
        features:
          summary: { contract: { mode: sync }, handler: { prompt: summary.hbs, models: [practice] } }
        """;

    private string File => Path.Combine(_folder, "headway.yaml");

    private async Task<CommandLine> ServeAsync(string features)
    {
        await WriteAsync(features);
        return await CommandLine.RunAsync(["serve", "--file", File, "--listen", "http://127.0.0.1:0"]);
    }

    private async Task WriteAsync(string features)
    {
        await System.IO.File.WriteAllTextAsync(File, features);
        await System.IO.File.WriteAllTextAsync(Path.Combine(_folder, "summary.hbs"), "Summarise: {{text}}");
    }

    private static Process Start(string words) => Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Headway.Server"), words)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
