using System.Net;
using System.Net.Http.Headers;

namespace Headway.Models.Providers;

/// <summary>A JSON body that tells when it begins to leave: the one moment at which the connection is known to stand, TLS included.</summary>
/// <remarks>The handler's own ConnectTimeout is one for all models and follows the machine's clock.</remarks>
internal sealed class SignallingContent : HttpContent
{
    private readonly ReadOnlyMemory<byte> _body;
    private readonly Action _connected;

    public SignallingContent(ReadOnlyMemory<byte> body, Action connected)
    {
        _body = body;
        _connected = connected;
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _connected();
        await stream.WriteAsync(_body, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}
