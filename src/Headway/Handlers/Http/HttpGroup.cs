namespace Headway.Handlers.Http;

/// <summary>Calls that gather, and then travel in one request. Guarded by the lock of <see cref="HttpGroups"/>; from when it is sent, its members do not change.</summary>
internal sealed class HttpGroup : IDisposable
{
    private readonly List<GroupMember> _members = [];
    private readonly CancellationTokenSource _stop = new();
    private ITimer? _timer;
    private int _present;
    private bool _isSent;
    private bool _hasEnded;

    public HttpGroup() => Stop = _stop.Token;

    public IReadOnlyList<GroupMember> Members => _members;
    public long Bytes { get; private set; }

    /// <summary>Cancelled when every member has left.</summary>
    public CancellationToken Stop { get; }

    public void Add(GroupMember member)
    {
        _members.Add(member);
        Bytes += member.Bytes;
        _present++;
    }

    public void SendLatestBy(ITimer timer) => _timer = timer;

    public void Send()
    {
        _isSent = true;
        _timer?.Dispose();
    }

    /// <summary>Before it is sent a member is taken out; afterwards its part of the answer is dropped, and the last to leave ends the request.</summary>
    public void Leave(GroupMember member)
    {
        if (!_isSent && _members.Remove(member)) Bytes -= member.Bytes;
        member.Leave();
        // Asynchronously: what hangs on the token must not run under the lock. The token itself says so at once.
        if (--_present == 0 && _isSent && !_hasEnded) _ = _stop.CancelAsync();
    }

    public void Dispose()
    {
        _hasEnded = true;
        _timer?.Dispose();
        _stop.Dispose();
    }
}
