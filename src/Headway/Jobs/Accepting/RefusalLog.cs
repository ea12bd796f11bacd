using System.Collections.Concurrent;
using Headway.Access;
using Headway.Audit;
using Headway.Features;
using Headway.Jobs.Running;
using Headway.Payloads;
using Headway.Storage;

namespace Headway.Jobs.Accepting;

/// <summary>Tells the audit trail of calls that were turned away.</summary>
/// <remarks>
/// Nothing of the call was touched, so nobody waits for its event: it joins the next group that is written. A full pool under load refuses
/// thousands of calls a second, and each would cost the disk more than the call it refuses. So of each feature version, caller and code the
/// first few of a second are told one by one; the rest are counted, and the next event of their kind says for how many it stands
/// (`pool-full ×240`), at the latest the one that <see cref="TellRestAsync"/> writes each second. An event that stands for several names the
/// last of them. Kinds are as many as versions, callers and codes, and one that is quiet is forgotten.
///
/// Invariant: every refusal is counted in exactly one event, also across a disk that takes nothing for a while. Only a process that dies takes
/// with it what it had counted in its last second.
/// </remarks>
internal sealed class RefusalLog(Database database, Versions versions, Vault vault, NodeLease lease)
{
    /// <summary>So many of a kind are told one by one in a second.</summary>
    public const int PerSecond = 5;

    private readonly ConcurrentDictionary<Name, Kind> _kinds = new();
    private readonly ConcurrentDictionary<long, Task> _telling = new();
    private long _tellings;

    private long Second => database.Now / 1_000;

    /// <summary>Returns at once; the event is written with the next group.</summary>
    public void Note(RefusedCall call)
    {
        if (Add(call, 1) is not { } count) return;
        var id = Interlocked.Increment(ref _tellings);
        var telling = TellAsync(id, call, count);
        _telling[id] = telling;
        if (telling.IsCompleted) _telling.TryRemove(id, out _);
    }

    /// <summary>The last word: also of those that were on their way to a disk that did not take them.</summary>
    public async Task CloseAsync()
    {
        await Task.WhenAll(_telling.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await TellRestAsync().ConfigureAwait(false);
    }

    /// <summary>Writes what was counted and not told yet; durable when it returns.</summary>
    public async Task TellRestAsync()
    {
        foreach (var (name, kind) in _kinds)
        {
            if (kind.TakeRest() is { } rest) await TellAsync(rest.Last, rest.Count).ConfigureAwait(false);
            else if (kind.TryRetire(Second)) _kinds.TryRemove(new KeyValuePair<Name, Kind>(name, kind));
        }
    }

    /// <summary>For how many refusals an event is to be written now; null: they are counted.</summary>
    private long? Add(RefusedCall call, long count, bool tell = true)
    {
        var name = new Name(call.Feature.Feature, call.Feature.Number, call.Caller.Tenant, call.Caller.Actor, call.Code);
        while (true)
        {
            if (_kinds.GetOrAdd(name, static _ => new Kind()).TryAdd(call, count, tell ? Second : null, out var told)) return told;
        }
    }

    private async Task TellAsync(long id, RefusedCall call, long count)
    {
        await TellAsync(call, count).ConfigureAwait(false);
        _telling.TryRemove(id, out _);
    }

    private async Task TellAsync(RefusedCall call, long count)
    {
        try
        {
            await database.WriteAsync(new AppendAudit(await EventAsync(call, count).ConfigureAwait(false), database.Now)).ConfigureAwait(false);
        }
        catch (StorageException)
        {
            // Whoever writes what matters more reports the disk; these are told when it takes something again.
            Add(call, count, tell: false);
        }
    }

    private async ValueTask<AuditEvent> EventAsync(RefusedCall call, long count)
    {
        var registered = await versions.RegisterAsync(call.Feature).ConfigureAwait(false);
        if (call.Subject is not null) await vault.ReadyAsync(call.Caller.Tenant).ConfigureAwait(false);
        // There is no job; the id is the event's own, or that under which files of the call had been taken.
        var id = call.Job ?? JobId.New(database.Time.GetUtcNow());
        return new AuditEvent
        {
            Action = AuditActions.Refused,
            Job = id,
            Tenant = call.Caller.Tenant,
            Actor = call.Caller.Actor,
            Address = call.Caller.Address,
            Definition = registered.Definition,
            Data = call.Feature.Contract.Data,
            Subject = call.Subject is { } subject ? vault.SubjectMac(call.Caller.Tenant, subject) : null,
            Node = lease.Node,
            Outcome = count == 1 ? call.Code : $"{call.Code} ×{count}",
            Correlation = call.TraceParent is null ? null : Correlation.Of(id, call.TraceParent),
        };
    }

    private readonly record struct Name(string Feature, int Version, string Tenant, string Actor, string Code);

    private sealed class Kind
    {
        // A kind that was refused a moment ago will be again.
        private const int QuietSeconds = 60;

        private readonly Lock _gate = new();
        private RefusedCall? _last;
        private long _second;
        private long _untold;
        private int _told;
        private bool _retired;

        /// <summary>False: it is retired, and another takes its place.</summary>
        /// <param name="second">Null: count only.</param>
        public bool TryAdd(RefusedCall call, long count, long? second, out long? tell)
        {
            tell = null;
            lock (_gate)
            {
                if (_retired) return false;
                (_last, _untold) = (call, _untold + count);
                if (second is not { } now) return true;
                if (now != _second) (_second, _told) = (now, 0);
                if (_told == PerSecond) return true;
                _told++;
                (tell, _untold) = (_untold, 0);
                return true;
            }
        }

        public (RefusedCall Last, long Count)? TakeRest()
        {
            lock (_gate)
            {
                if (_untold == 0) return null;
                var rest = (_last!, _untold);
                _untold = 0;
                return rest;
            }
        }

        public bool TryRetire(long second)
        {
            lock (_gate) return _retired |= _untold == 0 && second - _second > QuietSeconds;
        }
    }
}

/// <summary>A call that was turned away, as far as it was read.</summary>
internal sealed record RefusedCall(FeatureVersion Feature, Caller Caller, string Code)
{
    /// <summary>Set when files of it had been taken under this id.</summary>
    public JobId? Job { get; init; }
    public string? Subject { get; init; }
    public string? TraceParent { get; init; }
}
