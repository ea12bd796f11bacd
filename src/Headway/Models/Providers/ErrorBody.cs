namespace Headway.Models.Providers;

/// <summary>What an upstream says about a status that is no answer. The status decides; the body only tells more, so neither its length nor its pace may hold a call up.</summary>
internal static class ErrorBody
{
    /// <summary>Longer bodies are not error objects.</summary>
    private const int MaxBytes = 64 * 1024;

    /// <summary>An error comes together with its status; a body that does not may never end.</summary>
    public static readonly TimeSpan Within = TimeSpan.FromSeconds(1.5);

    /// <summary>What came of it in time.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, TimeProvider time, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(Within, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        var said = new MemoryStream();
        try
        {
            using var body = await content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            using var capped = new CappedStream(body, MaxBytes);
            await capped.CopyToAsync(said, either.Token).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or CappedStreamException || (problem is OperationCanceledException && !stop.IsCancellationRequested))
        {
            // The status alone tells enough.
        }

        return said.GetBuffer().AsMemory(0, (int)said.Length);
    }
}
