namespace Headway.Handlers.Http;

/// <summary>
/// Watches the bytes of an event stream for where it ends. A parser drops an event that no blank line ended, as the standard demands; where a connection is only
/// closed, that dropped event is the one sign that the stream was cut.
/// </summary>
internal sealed class EventStreamEnd
{
    private bool _isInLine;
    private bool _isComment;
    private bool _isPending;

    /// <summary>Whether something was begun and not ended by a blank line.</summary>
    public bool IsInsideEvent => _isPending || (_isInLine && !_isComment);

    public void Read(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            if (value == '\r') continue;
            if (value == '\n')
            {
                if (!_isInLine) _isPending = false;
                else if (!_isComment) _isPending = true;
                _isInLine = false;
            }
            else if (!_isInLine)
            {
                _isInLine = true;
                _isComment = value == ':';
            }
        }
    }
}
