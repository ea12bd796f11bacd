using System.Net.Http.Headers;

namespace Headway.Client;

/// <summary>Sends requests with the key of this client, and leaves the HttpClient, which others may use too, as it is.</summary>
internal sealed class Sender(HttpClient http, string? apiKey)
{
    private readonly AuthenticationHeaderValue? _authorization = apiKey is null ? null : new AuthenticationHeaderValue("Bearer", apiKey);

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken stop)
    {
        if (_authorization is not null) request.Headers.Authorization = _authorization;
        return http.SendAsync(request, completion, stop);
    }

    /// <summary>The whole answer.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken stop) => SendAsync(request, HttpCompletionOption.ResponseContentRead, stop);

    public async Task<HttpResponseMessage> GetAsync(string path, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        return await SendAsync(request, stop).ConfigureAwait(false);
    }
}
