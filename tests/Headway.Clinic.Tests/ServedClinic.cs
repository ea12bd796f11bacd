using System.Text;
using System.Text.Json;
using Clinic;
using Microsoft.AspNetCore.Builder;

namespace Headway.Clinic.Tests;

/// <summary>The whole sample on loopback ports, on a database of its own. It reads the environment, which is one for the process: its tests follow each other.</summary>
internal sealed class ServedClinic : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("clinic").FullName;
    private ClinicHost _host = null!;

    public HttpClient Http { get; } = new() { Timeout = Patience };

    /// <param name="environment">What the sample is told; everything else of it is forgotten.</param>
    public static async Task<ServedClinic> StartAsync(params (string Name, string Value)[] environment)
    {
        foreach (var name in new[] { "LLM_URL", "LLM_KEY", "LLM_FIRST_TOKEN", "CLINIC_FAST", "CLINIC_STRONG" }) Environment.SetEnvironmentVariable(name, null);
        Environment.SetEnvironmentVariable("CLINIC_INTERACTIONS", "http://127.0.0.1:0");
        foreach (var (name, value) in environment) Environment.SetEnvironmentVariable(name, value);
        var clinic = new ServedClinic();
        clinic._host = await ClinicHost.StartAsync(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory }, options =>
        {
            options.Database = $"sqlite:{clinic._folder}/clinic.db";
            options.Listen = "http://127.0.0.1:0";
        });
        clinic.Http.BaseAddress = new Uri(clinic._host.App.Urls.Single());
        return clinic;
    }

    public async Task<HttpResponseMessage> CallAsync(string feature, string input) =>
        await Http.PostAsync($"/v1/features/{feature}", Json(await File.ReadAllTextAsync($"inputs/{input}.json")));

    public async Task<string> FinishedAsync(string job)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/{job}");
        request.Headers.TryAddWithoutValidation("Prefer", "wait=30");
        using var response = await Http.SendAsync(request);
        using var read = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return read.RootElement.GetProperty("state").GetString()!;
    }

    public async Task<string[]> AuditAsync(string job)
    {
        using var read = JsonDocument.Parse(await Http.GetStringAsync($"/v1/jobs/{job}/audit"));
        return [.. read.RootElement.GetProperty("events").EnumerateArray().Select(entry => entry.GetProperty("action").GetString()!)];
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    public static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.Single() : null;
}
