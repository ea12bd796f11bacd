using System.Text.Json;
using Headway.Access;
using Headway.Audit;
using Headway.Features;
using Headway.Jobs.Accepting;
using Headway.Jobs.Storage;
using Headway.Payloads;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>Puts dead letters back into their queues: one, with another model or input if that is what it takes, or as many as match.</summary>
internal sealed class Replays(Database database, Vault vault, JobReader jobs, Versions versions, JobNews news, Claimer claimer, Pools pools, NodeLease lease, TenantTerms tenants, Func<FeatureFile> file)
{
    // One batch is one transaction: small enough that nobody waits for it.
    private const int Page = 200;

    /// <summary>Id and history stay; so does the former input. One job may exceed the cap of its queue, as any that was accepted.</summary>
    public async Task<Answer> ReplayAsync(Caller caller, JobId id, ReplayChange change)
    {
        var row = jobs.Row(caller.Tenant, id);
        if (row is null) return new Answer.Refused(Unknown(id));
        if (Irreplayable(row) is { } dead) return new Answer.Refused(dead);
        var registered = versions.Pinned(row.Definition);
        if (Refuse(row, registered.Version, change) is { } refusal) return new Answer.Refused(refusal);
        var replay = ReplayOf(caller, row, registered, change, await SealAsync(row, change.Input).ConfigureAwait(false));
        // Somebody else was first: replayed it, or took its input away.
        if (!await database.WriteAsync(new ReplayJob(replay, database.Now)).ConfigureAwait(false))
        {
            if (await database.ReadAsync(session => ReplayJob.TakesFromHeldAsync(session, replay)).ConfigureAwait(false)) return new Answer.Refused(Held(id));
            return new Answer.Refused(jobs.Row(caller.Tenant, id) is { } now ? Irreplayable(now) ?? NotDead(now) : Unknown(id));
        }
        Tell(caller.Tenant, [(row.Id, registered)]);
        return new Answer.Accepted(jobs.Find(caller.Tenant, id)!);
    }

    /// <summary>Those that match and had died by now, batch by batch; each goes to the end of its queue, as far as that has room.</summary>
    public async Task<ReplayAnswer> ReplayManyAsync(Caller caller, ReplayAsk ask)
    {
        if (ask.Model is { } model && !file().Models.ContainsKey(model))
            return new ReplayAnswer.Refused(new Refusal(RefusalKind.Invalid, "replay-model-unknown", $"The feature file has no model '{model}'. It has {string.Join(", ", file().Models.Keys.Order(StringComparer.Ordinal))}."));
        var pass = new Pass(caller, ask, DateTimeOffset.FromUnixTimeMilliseconds(database.Now));
        if (ask is { Key: { } key, DryRun: false } && await BeginAsync(pass, key).ConfigureAwait(false) is { } answer) return answer;
        while (true)
        {
            var most = Math.Min(Page, ask.AtMost - pass.Report.Matched);
            var rows = jobs.Rows(caller.Tenant, ask.Filter with { State = JobState.Dead, EndedBy = pass.Until, After = pass.After, Limit = most });
            var more = rows.Count > most;
            pass.IsLast = !more || pass.Report.Matched + most >= ask.AtMost;
            try
            {
                await BatchAsync(pass, [.. rows.Take(most)], more).ConfigureAwait(false);
            }
            catch (StorageException lost) when (pass.Mark is not null && lost.Code is "storage-conflict")
            {
                return new ReplayAnswer.Refused(InProgress);
            }
            if (pass.IsLast) return new ReplayAnswer.Done(pass.Report);
        }
    }

    /// <summary>Not null: what was asked is done already, is under way, or is something else under the same key.</summary>
    private async Task<ReplayAnswer?> BeginAsync(Pass pass, string key)
    {
        var tenant = pass.Caller.Tenant;
        await vault.ReadyAsync(tenant).ConfigureAwait(false);
        pass.Mark = new ReplayMark(tenant, vault.Mac(tenant, "idempotency key of a replay", System.Text.Encoding.UTF8.GetBytes(key)), JobId.New(pass.Until));
        var fingerprint = vault.Mac(tenant, "fingerprint of a replay", JsonSerializer.SerializeToUtf8Bytes(ReplayedFilter.Of(pass.Ask), ReplayJson.Default.ReplayedFilter));
        var state = await database.WriteAsync(new BeginReplay(pass.Mark, fingerprint, ReplayJson.Text(pass.Report), database.Now)).ConfigureAwait(false);
        if (!state.Same) return new ReplayAnswer.Refused(Refusals.Mismatch);
        pass.Report = ReplayJson.Read(state.Report);
        if (state.Done) return new ReplayAnswer.Done(pass.Report);
        if (!state.Mine) return new ReplayAnswer.Refused(InProgress);
        (pass.Until, pass.After) = (state.Until, state.After);
        return null;
    }

    private async Task BatchAsync(Pass pass, IReadOnlyList<JobRow> rows, bool more)
    {
        var (meant, replays, refused) = (new List<(JobId Job, RegisteredVersion Version)>(), new List<Replay>(), new List<(JobId Job, string Code)>());
        foreach (var row in rows)
        {
            if (Judge(row, pass.Ask.Model, out var registered) is { } code) refused.Add((row.Id, code));
            else
            {
                meant.Add((row.Id, registered!));
                replays.Add(ReplayOf(pass.Caller, row, registered!, new ReplayChange { Model = pass.Ask.Model }, null));
            }
        }
        var room = meant.Select(job => job.Version).DistinctBy(version => version.Pool).ToDictionary(version => version.Pool, RoomOf);
        var after = rows.Count == 0 ? pass.After : rows[^1].Id;
        var verdicts = pass.Ask.DryRun
            ? pass.Foresee(replays, room, CountQueued, RoomOfTenant(pass.Caller.Tenant))
            : (await database.WriteAsync(new ReplayMany(replays, room, pass.Mark,
                told => new ReplayProgress(after, pass.IsLast, ReplayJson.Text(pass.Report.With(replays, told, refused, pass.IsLast && more))), database.Now)
            {
                TenantRoom = tenants.QueuedOf(pass.Caller.Tenant),
            }).ConfigureAwait(false))!;
        pass.Report = pass.Report.With(replays, verdicts, refused, pass.IsLast && more);
        pass.After = after;
        if (!pass.Ask.DryRun) Tell(pass.Caller.Tenant, [.. meant.Where((_, index) => verdicts[index] is ReplayVerdict.Replayed)]);
    }

    /// <summary>Null: it can be replayed.</summary>
    private string? Judge(JobRow row, string? model, out RegisteredVersion? registered)
    {
        registered = null;
        if (Irreplayable(row) is { } refusal) return refusal.Code;
        try
        {
            registered = versions.Pinned(row.Definition);
        }
        catch (StorageException error) when (error.Code is "storage-corrupt")
        {
            // It stays dead; those behind it are replayed.
            return "definition-unreadable";
        }
        return model is null ? null : ReplayModel.Refuse(registered.Version, model, file())?.Code;
    }

    private Refusal? Refuse(JobRow row, FeatureVersion version, ReplayChange change)
    {
        if (change.Model is { } model && ReplayModel.Refuse(version, model, file()) is { } refusal) return refusal;
        if (change.Input is not { } input) return null;
        if (row.InputType is { } type) return new Refusal(RefusalKind.Invalid, "input-not-editable", $"The input of {row.Id} is {type.Split(';')[0]} or a request of the OpenAI API, and only a JSON input can be replaced. Call the feature again instead.");
        return input.Length <= version.MaxInput ? null : new Refusal(RefusalKind.TooLarge, "input-too-large", $"{version.FullName} takes inputs of up to {version.MaxInput} bytes.");
    }

    private async ValueTask<byte[]?> SealAsync(JobRow row, ReadOnlyMemory<byte>? input)
    {
        if (input is not { } json) return null;
        var key = await vault.KeyAsync(row.Tenant, jobs.JobOf(row, detailed: false).Subject, CancellationToken.None).ConfigureAwait(false);
        return key.Seal(PayloadKind.Input, row.Id, json.Span);
    }

    private Replay ReplayOf(Caller caller, JobRow row, RegisteredVersion registered, ReplayChange change, byte[]? input) => new(row.Id, row.Tenant, registered.Pool, change.Model, input, tenants.GateOf(row.Tenant), tenants.WeightOf(row.Tenant), new AuditEvent
    {
        Action = AuditActions.Replayed,
        Job = row.Id,
        Tenant = row.Tenant,
        Actor = caller.Actor,
        Address = caller.Address,
        Definition = row.Definition,
        Data = registered.Version.Contract.Data,
        Subject = row.Subject,
        Node = lease.Node,
        // What is other than it was, and what it had died of.
        Purpose = (change.Model, change.Input) switch { (null, null) => null, (_, null) => "other model", (null, _) => "other input", _ => "other model and input" },
        Recipient = change.Model,
        Outcome = row.Failure?.Code,
        Payload = change.Input is { } json ? vault.Mac(row.Tenant, "replayed payload", json.Span) : null,
    });

    // The cap as the feature file has it now, as for a new call.
    private int RoomOf(RegisteredVersion version) =>
        (file().Features.GetValueOrDefault(version.Version.Feature)?.Pooled.FirstOrDefault(now => now.PoolName == version.Version.PoolName) ?? version.Version).Pool.Queued;

    private long CountQueued(long pool, int most) => database.Read(async session =>
    {
        using var count = AcceptJob.CountOfPool(session, pool, most);
        await count.StepAsync().ConfigureAwait(false);
        return count.Int64(0);
    });

    /// <summary>Null: it has no bound.</summary>
    private long? RoomOfTenant(string tenant) => tenants.QueuedOf(tenant) is not { } most ? null : database.Read(async session =>
    {
        using var count = AcceptJob.CountOfTenant(session, tenants.GateOf(tenant), most);
        await count.StepAsync().ConfigureAwait(false);
        return most - count.Int64(0);
    });

    private void Tell(string tenant, IReadOnlyList<(JobId Job, RegisteredVersion Version)> replayed)
    {
        // What a room counted before is not what it holds now.
        if (replayed.Count > 0 && tenants.QueuedOf(tenant) is not null) tenants.RoomOf(tenant).Forget();
        foreach (var (job, _) in replayed) news.Changed(job);
        foreach (var version in replayed.Select(one => one.Version).DistinctBy(version => version.Pool))
        {
            claimer.Serve(version);
            pools.OfJobs(version.Pool)?.Room.Forget();
            news.Queued(version.Pool);
        }
    }

    private static readonly Refusal InProgress = new(RefusalKind.Conflict, "idempotency-in-progress",
        "A replay with this Idempotency-Key is under way. Ask again after the pause: then its report is given, or it is gone on with where it stopped.", TimeSpan.FromSeconds(5));

    private static Refusal Unknown(JobId id) => new(RefusalKind.NotFound, "job-unknown", $"There is no job {id}.");

    private static Refusal Held(JobId id) =>
        new(RefusalKind.Conflict, "legal-hold", $"The subject of {id} is under a legal hold, and with another input what its steps got would go. Replay it as it is, call its feature again, or release the subject first.");

    private static Refusal NotDead(JobRow row) =>
        new(RefusalKind.Conflict, "job-not-dead", $"Only a dead letter can be replayed; {row.Id} is {row.State.ToString().ToLowerInvariant()}.");

    private static Refusal? Irreplayable(JobRow row) => row.State is not JobState.Dead ? NotDead(row)
        : row.Input is null ? new Refusal(RefusalKind.Expired, "input-expired", $"The input of {row.Id} was removed by retention; it cannot be replayed.")
        : null;

    /// <summary>How far one replay of many came.</summary>
    private sealed class Pass(Caller caller, ReplayAsk ask, DateTimeOffset now)
    {
        private readonly Dictionary<long, long> _left = [];
        private long? _leftOfTenant;

        public Caller Caller => caller;

        public ReplayAsk Ask => ask;

        /// <summary>What dies again after this is not meant.</summary>
        public DateTimeOffset Until { get; set; } = now;

        public JobId? After { get; set; }

        public bool IsLast { get; set; }

        public ReplayMark? Mark { get; set; }

        public ReplayReport Report { get; set; } = new() { DryRun = ask.DryRun };

        /// <summary>What would become of them.</summary>
        public IReadOnlyList<ReplayVerdict> Foresee(IReadOnlyList<Replay> replays, Dictionary<long, int> room, Func<long, int, long> queued, long? tenant)
        {
            foreach (var (pool, most) in room) _left.TryAdd(pool, most - queued(pool, most));
            _leftOfTenant ??= tenant ?? long.MaxValue;
            return [.. replays.Select(Foresee)];
        }

        private ReplayVerdict Foresee(Replay replay)
        {
            if (_leftOfTenant <= 0) return ReplayVerdict.NoTenantRoom;
            if (_left[replay.Pool] <= 0) return ReplayVerdict.NoRoom;
            _left[replay.Pool]--;
            _leftOfTenant--;
            return ReplayVerdict.Replayed;
        }
    }
}
