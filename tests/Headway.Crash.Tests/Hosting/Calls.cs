using System.Net.Sockets;
using System.Text;

namespace Headway.Crash.Tests.Hosting;

/// <summary>Calls to a node, one at a time.</summary>
internal static class Calls
{
    /// <summary>Calls a feature and gives the job its answer names, and whether the answer was a promise at all.</summary>
    public static async Task<HttpResponseMessage> CallAsync(this HostProcess node, string feature, string order = "{}", string? key = null, HttpCompletionOption until = HttpCompletionOption.ResponseContentRead)
    {
        using var call = new HttpRequestMessage(HttpMethod.Post, $"/v1/features/{feature}") { Content = new StringContent(order, Encoding.UTF8, "application/json") };
        if (key is not null) call.Headers.Add("Idempotency-Key", key);
        return await node.Http.SendAsync(call, until);
    }

    /// <summary>Calls a feature that must take the call.</summary>
    public static async Task<string> AcceptedAsync(this HostProcess node, string feature, string order = "{}", string? key = null)
    {
        using var answer = await node.CallAsync(feature, order, key);
        answer.IsSuccessStatusCode.ShouldBeTrue($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}\n{node.Output}");
        return answer.JobOf()!;
    }

    /// <summary>Calls a feature that must take the call, with a header.</summary>
    public static async Task<string> AcceptedWithAsync(this HostProcess node, string feature, string header, string value, string order = "{}")
    {
        using var call = new HttpRequestMessage(HttpMethod.Post, $"/v1/features/{feature}") { Content = new StringContent(order, Encoding.UTF8, "application/json") };
        call.Headers.Add(header, value);
        using var answer = await node.Http.SendAsync(call);
        answer.IsSuccessStatusCode.ShouldBeTrue($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}\n{node.Output}");
        return answer.JobOf()!;
    }

    /// <summary>Hands over orders as lines.</summary>
    public static Task<HttpResponseMessage> SubmitAsync(this HostProcess node, string feature, params string[] orders) => node.Http.PostAsync($"/v1/features/{feature}/jobs",
        new StringContent(string.Join('\n', orders.Select(order => $$"""{"input":{{order}}}""")), Encoding.UTF8, "application/x-ndjson"));

    public static string? JobOf(this HttpResponseMessage answer) => answer.Headers.TryGetValues("Headway-Job", out var named) ? named.Single() : null;

    /// <summary>Asks whatever the node's death allows: null when the connection broke.</summary>
    public static async Task<HttpResponseMessage?> TryAsync(Func<Task<HttpResponseMessage>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception error) when (Broken(error))
        {
            return null;
        }
    }

    /// <summary>Whether a call failed because its node died, at whatever moment: a connection that is reset while HttpClient makes it leaves as a bare SocketException.</summary>
    public static bool Broken(Exception error) => error is HttpRequestException or IOException or SocketException or ObjectDisposedException or TaskCanceledException;

    /// <summary>The events of a job until the stream ends or breaks.</summary>
    public static async IAsyncEnumerable<ServerEvent> EventsAsync(this HostProcess node, string job, long? after = null)
    {
        using var question = new HttpRequestMessage(HttpMethod.Get, $"/v1/jobs/{job}/events");
        if (after is not null) question.Headers.Add("Last-Event-ID", after.Value.ToString(System.Globalization.CultureInfo.InvariantCulture));
        using var answer = await node.Http.SendAsync(question, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await foreach (var entry in ServerEvent.ReadAsync(answer)) yield return entry;
    }
}

/// <summary>One server-sent event.</summary>
internal sealed record ServerEvent(long? Id, string Name, string Data)
{
    public static async IAsyncEnumerable<ServerEvent> ReadAsync(HttpResponseMessage answer)
    {
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        long? id = null;
        string name = "", data = "";
        while (await LineAsync(reader) is { } line)
        {
            if (line.StartsWith("id:", StringComparison.Ordinal)) id = long.Parse(line.AsSpan(3), System.Globalization.CultureInfo.InvariantCulture);
            else if (line.StartsWith("event:", StringComparison.Ordinal)) name = line[6..].Trim();
            else if (line.StartsWith("data:", StringComparison.Ordinal)) data += line[5..].Trim();
            else if (line.Length == 0 && name.Length > 0)
            {
                yield return new ServerEvent(id, name, data);
                (id, name, data) = (null, "", "");
            }
        }
    }

    /// <summary>Null: the end, clean or not.</summary>
    private static async Task<string?> LineAsync(StreamReader reader)
    {
        try
        {
            return await reader.ReadLineAsync();
        }
        catch (Exception error) when (Calls.Broken(error))
        {
            return null;
        }
    }
}
