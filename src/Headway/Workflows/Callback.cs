namespace Headway;

/// <summary>A one-time address for a system outside, and what it answers.</summary>
public sealed class Callback<T>
{
    private readonly Uri? _host;

    internal Callback(string path, Uri? host, Task<T> answer) => (Path, _host, Answer) = (path, host, answer);

    /// <summary>On any node that takes calls: `/v1/callbacks/TOKEN`. Whoever knows it may answer, once; it tells nothing of the job.</summary>
    public string Path { get; }

    /// <summary>The whole address, under the public one of the service (`HEADWAY_PUBLIC_URL`).</summary>
    /// <exception cref="WorkflowFailedException">The host was not told its public address.</exception>
    public Uri Url => _host is null
        ? throw new WorkflowFailedException("public-url-missing", "The host does not know under which address others reach it. Set HEADWAY_PUBLIC_URL (https://ai.example.com), or options.PublicUrl, or make the address from Path.")
        : new Uri(_host, Path);

    /// <summary>What was posted to it.</summary>
    /// <exception cref="WorkflowTimeoutException">Nothing was, in time.</exception>
    public Task<T> Answer { get; }
}
