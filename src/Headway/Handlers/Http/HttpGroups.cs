using Headway.Features;

namespace Headway.Handlers.Http;

/// <summary>
/// Puts calls together for a service that is faster that way. A call that finds none under way goes at once, so that at low traffic nothing is waited for. Calls that come while
/// one is under way gather, and go when it ends, when they are as many as may be, or when the first of them has waited `within`: the busier the service, the larger the groups.
/// </summary>
/// <remarks>
/// Invariants, under the lock: a queue is in the table exactly while a call of it is under way, so whatever gathers is sent by the end of that call if by nothing earlier.
/// A member is in one group, for ever. What waits is bounded by the pool of the version: every member holds a slot of it.
/// Groups are of one version and one tenant: no answer can be handed across tenants, and nobody waits for another tenant's inputs.
/// </remarks>
/// <param name="send">Ends every member of a group that is still there.</param>
internal sealed class HttpGroups(GroupOptions options, TimeProvider time, Func<HttpGroup, Task> send)
{
    /// <summary>Inputs of a group beyond this go in the next one. Servers refuse bodies from 30 MB (Kestrel's default); an input that is larger by itself goes alone.</summary>
    public const int MostBytes = 8 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Version, string Tenant), Queue> _queues = [];

    /// <param name="isAlone">It shares its request with no other.</param>
    public async Task<Outcome> RunAsync(Attempt attempt, bool isAlone, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var member = new GroupMember(attempt, stop);
        var group = Join(member, isAlone);
        await using var leaving = stop.UnsafeRegister(_ => Leave(group, member), null).ConfigureAwait(false);
        return await member.End.ConfigureAwait(false);
    }

    private HttpGroup Join(GroupMember member, bool isAlone)
    {
        HttpGroup joined;
        Queue? queue;
        HttpGroup? before = null;
        bool isReady;
        lock (_lock)
        {
            var key = (member.Attempt.Feature.FullName, member.Attempt.Tenant);
            if (!_queues.TryGetValue(key, out queue)) _queues.Add(key, queue = new Queue(key));
            if (queue.UnderWay == 0 || isAlone)
            {
                joined = new HttpGroup();
                joined.Add(member);
                Take(queue, joined);
                isReady = true;
            }
            else
            {
                if (queue.Gathering is { } waiting && waiting.Bytes + member.Bytes > MostBytes) before = Take(queue, waiting);
                joined = queue.Gathering ??= Gather(queue);
                joined.Add(member);
                isReady = joined.Members.Count >= options.UpTo || joined.Bytes >= MostBytes;
                if (isReady) Take(queue, joined);
            }
        }
        if (before is not null) Start(queue, before);
        if (isReady) Start(queue, joined);
        return joined;
    }

    private void Leave(HttpGroup group, GroupMember member)
    {
        lock (_lock) group.Leave(member);
    }

    private HttpGroup Gather(Queue queue)
    {
        var group = new HttpGroup();
        // The timer may strike before it is known to the group; it waits for the lock that is held here.
        group.SendLatestBy(time.CreateTimer(_ => SendWhatWaits(queue, group), null, options.Within, Timeout.InfiniteTimeSpan));
        return group;
    }

    private void SendWhatWaits(Queue queue, HttpGroup group)
    {
        lock (_lock)
        {
            if (queue.Gathering != group) return;
            Take(queue, group);
        }
        Start(queue, group);
    }

    // Outside of the context of whoever came last: a group belongs to no trace of one member, and may go on after that member left.
    private void Start(Queue queue, HttpGroup group) =>
        ThreadPool.UnsafeQueueUserWorkItem(static item => _ = item.Groups.SendAsync(item.Queue, item.Group), (Groups: this, Queue: queue, Group: group), preferLocal: false);

    private static HttpGroup Take(Queue queue, HttpGroup group)
    {
        if (queue.Gathering == group) queue.Gathering = null;
        queue.UnderWay++;
        group.Send();
        return group;
    }

    private async Task SendAsync(Queue queue, HttpGroup first)
    {
        for (HttpGroup? group = first; group is not null; group = Next(queue, group))
        {
#pragma warning disable CA1031 // Whatever went wrong belongs to the members of this group; the others go on.
            try
            {
                // All may have left while they waited: then nothing is sent.
                if (group.Members.Count > 0) await send(group).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                foreach (var member in group.Members) member.Fail(exception);
            }
#pragma warning restore CA1031
        }
    }

    /// <summary>What gathered while the last call was under way: the service is idle now, and waiting for more would gain nothing.</summary>
    private HttpGroup? Next(Queue queue, HttpGroup ended)
    {
        lock (_lock)
        {
            ended.Dispose();
            if (--queue.UnderWay > 0) return null;
            if (queue.Gathering is { } waiting) return Take(queue, waiting);
            _queues.Remove(queue.Key);
            return null;
        }
    }

    private sealed class Queue((string Version, string Tenant) key)
    {
        public (string Version, string Tenant) Key => key;
        public int UnderWay { get; set; }
        public HttpGroup? Gathering { get; set; }
    }
}
