using Headway.Crash.Tests.Checking;
using Headway.Crash.Tests.Hosting;
using Headway.Crash.Tests.Load;
using Headway.Tests.Storage;
using Headway.Upstream;

namespace Headway.Crash.Tests;

/// <summary>A checker that cannot fail proves nothing: each damage is done once to a sound database, and must be named.</summary>
public sealed class CheckerTests(SoundDatabase sound) : IClassFixture<SoundDatabase>
{
    [SqliteFact]
    public void A_sound_database_has_no_breach() => sound.CheckAfter("SELECT 1").ShouldBeEmpty();

    [SqliteTheory]
    [InlineData("promised-job-is-missing", "DELETE FROM jobs WHERE id = (SELECT id FROM jobs WHERE state = 5 AND mode = 2 LIMIT 1)")]
    [InlineData("job-never-ended", "UPDATE jobs SET state = 0, finished = NULL WHERE id = (SELECT id FROM jobs WHERE state = 7 LIMIT 1)")]
    [InlineData("job-under-way-without-queue-row", "UPDATE jobs SET state = 0, finished = NULL WHERE id = (SELECT id FROM jobs WHERE state = 7 LIMIT 1)")]
    [InlineData("end-without-time", "UPDATE jobs SET finished = created - 1 WHERE id = (SELECT id FROM jobs WHERE state = 5 LIMIT 1)")]
    [InlineData("cancelled-did-not-stay", "DROP TRIGGER jobs_state; UPDATE jobs SET state = 5, error_code = NULL WHERE state = 8")]
    [InlineData("queue-row-without-job-under-way", "INSERT INTO queue (job, pool, state, rank) SELECT id, 1, 1, 0 FROM jobs WHERE state = 5 LIMIT 1")]
    [InlineData("held-under-a-dead-lease", "INSERT INTO queue (job, pool, state, rank, lease, attempt) SELECT id, 1, 2, 0, 77, 1 FROM jobs WHERE state = 5 LIMIT 1")]
    [InlineData("lease-outlived-its-node", "INSERT INTO leases (node, epoch, expires, version, started) VALUES ('ghost', 1, 9000000000000, '0', 0)")]
    [InlineData("success-without-result", "DELETE FROM payloads WHERE id = (SELECT result FROM jobs WHERE state = 5 AND result IS NOT NULL LIMIT 1)")]
    [InlineData("result-without-success", "UPDATE jobs SET result = 1 WHERE id = (SELECT id FROM jobs WHERE state = 7 LIMIT 1)")]
    [InlineData("payload-is-shared", "UPDATE jobs SET result = (SELECT max(result) FROM jobs) WHERE id = (SELECT id FROM jobs WHERE state = 5 AND result IS NOT NULL ORDER BY result LIMIT 1)")]
    [InlineData("payload-of-nobody", "INSERT INTO payloads (body) VALUES (x'00')")]
    [InlineData("submitted-not-once", "INSERT INTO audit_events (job, id, tenant, actor, action, data) SELECT job, 1, tenant, actor, action, data FROM audit_events WHERE action = 'submitted' LIMIT 1")]
    [InlineData("end-not-audited-once", "INSERT INTO audit_events (job, id, tenant, actor, action, data) SELECT job, id + 1, tenant, actor, action, data FROM audit_events WHERE action = 'completed' LIMIT 1")]
    [InlineData("end-not-audited-once", "DROP TRIGGER audit_events_remain; DELETE FROM audit_events WHERE action = 'died'")]
    [InlineData("audit-tells-another-end", "DROP TRIGGER audit_events_stay; UPDATE audit_events SET action = 'completed' WHERE action = 'died'")]
    [InlineData("end-told-before-start", "DROP TRIGGER audit_events_stay; UPDATE audit_events SET id = 0 WHERE action = 'completed' AND job = (SELECT id FROM jobs WHERE state = 5 AND mode = 2 LIMIT 1)")]
    [InlineData("opened-not-once", "DROP TRIGGER audit_events_remain; DELETE FROM audit_events WHERE action = 'opened'")]
    [InlineData("start-not-audited", "DROP TRIGGER audit_events_remain; DELETE FROM audit_events WHERE action = 'started' AND job = (SELECT id FROM jobs WHERE state = 5 AND mode = 2 LIMIT 1)")]
    [InlineData("attempt-without-record", "DELETE FROM attempts WHERE job = (SELECT id FROM jobs WHERE state = 7 LIMIT 1) AND number = 1")]
    [InlineData("failures-miscounted", "UPDATE jobs SET failures = failures + 1 WHERE id = (SELECT id FROM jobs WHERE state = 7 LIMIT 1)")]
    [InlineData("too-many-crashes", "INSERT INTO attempts (job, number, started, finished, outcome) SELECT j.id, n.value, 0, 0, 'crashed' FROM (SELECT id FROM jobs WHERE state = 5 AND mode = 2 LIMIT 1) j, json_each('[11,12,13,14]') n")]
    [InlineData("died-for-no-reason", "UPDATE jobs SET error_code = 'poison' WHERE state = 7")]
    [InlineData("key-not-kept-once", "DELETE FROM idempotency")]
    [InlineData("key-of-no-job", "UPDATE idempotency SET job = x'00000000000000000000000000000000' WHERE job = (SELECT job FROM idempotency LIMIT 1)")]
    [InlineData("log-has-gap-or-overlap", "DELETE FROM stream_log WHERE first = 1000001")]
    [InlineData("log-has-gap-or-overlap", "UPDATE stream_log SET last = last + 1 WHERE first = 1000001")]
    [InlineData("log-ends-elsewhere", "UPDATE jobs SET last_event = last_event + 1 WHERE mode = 1 AND state = 5")]
    [InlineData("stream-succeeded-without-log", "DELETE FROM stream_log")]
    [InlineData("event-not-chained-once", "INSERT INTO audit_events (job, id, tenant, actor, action, data) SELECT job, 1, tenant, actor, action, data FROM audit_events WHERE action = 'submitted' LIMIT 1")]
    [InlineData("link-without-event", "DROP TRIGGER audit_events_remain; DELETE FROM audit_events WHERE action = 'opened'")]
    [InlineData("chain-is-broken", "DROP TRIGGER audit_events_stay; UPDATE audit_events SET actor = 'nobody' WHERE action = 'died'")]
    [InlineData("chain-has-gap", "DROP TRIGGER audit_chain_remain; DELETE FROM audit_chain WHERE seq = 3")]
    [InlineData("end-not-signed", "DROP TRIGGER audit_checkpoints_remain; DELETE FROM audit_checkpoints")]
    [InlineData("checkpoint-does-not-hold", "DROP TRIGGER audit_checkpoints_stay; UPDATE audit_checkpoints SET at = at + 1")]
    [InlineData("end-not-in-the-outbox-once", "DELETE FROM deliveries WHERE id = (SELECT id FROM deliveries LIMIT 1)")]
    [InlineData("delivery-of-no-end", "UPDATE jobs SET endpoint = NULL WHERE endpoint IS NOT NULL")]
    [InlineData("delivery-tells-another-end", "UPDATE deliveries SET event = 'job.succeeded' WHERE event = 'job.dead'")]
    [InlineData("delivery-not-audited-once", "UPDATE deliveries SET state = 1, claimed = NULL, until = NULL WHERE id = (SELECT id FROM deliveries LIMIT 1)")]
    [InlineData("delivered-by-no-attempt", "UPDATE deliveries SET state = 1, claimed = NULL, until = NULL WHERE id = (SELECT id FROM deliveries LIMIT 1)")]
    [InlineData("delivery-attempts-miscounted", "UPDATE deliveries SET attempts = attempts + 1 WHERE id = (SELECT id FROM deliveries LIMIT 1)")]
    public void Damage_to_the_database_is_named(string rule, string damage) => sound.CheckAfter(damage).Select(breach => breach.Rule).ShouldContain(rule);

    /// <summary>The rules are the same; that they see what is in the server's database is shown once for each kind of value.</summary>
    [PostgresTheory]
    [InlineData("job-never-ended", "ALTER TABLE jobs DISABLE TRIGGER USER; UPDATE jobs SET state = 0, finished = NULL WHERE id = (SELECT id FROM jobs WHERE state = 7 LIMIT 1)")]
    [InlineData("cancelled-did-not-stay", "ALTER TABLE jobs DISABLE TRIGGER USER; UPDATE jobs SET state = 5, error_code = NULL WHERE state = 8")]
    [InlineData("held-under-a-dead-lease", "INSERT INTO queue (job, pool, state, rank, lease, attempt) SELECT id, 1, 2, 0, 77, 1 FROM jobs WHERE state = 5 LIMIT 1")]
    [InlineData("failures-miscounted", "UPDATE jobs SET failures = failures + 1 WHERE id = (SELECT id FROM jobs WHERE state = 7 LIMIT 1)")]
    [InlineData("end-not-audited-once", "ALTER TABLE audit_events DISABLE TRIGGER USER; DELETE FROM audit_events WHERE action = 'died'")]
    [InlineData("payload-of-nobody", "INSERT INTO payloads (id, body) VALUES (999999999, ''::bytea)")]
    [InlineData("chain-is-broken", "ALTER TABLE audit_events DISABLE TRIGGER USER; UPDATE audit_events SET actor = 'nobody' WHERE action = 'died'")]
    [InlineData("key-not-kept-once", "DELETE FROM idempotency")]
    [InlineData("stream-succeeded-without-log", "DELETE FROM stream_log")]
    public void Damage_to_the_database_of_a_server_is_named(string rule, string damage)
    {
        sound.CheckAfter("SELECT 1").ShouldBeEmpty();
        sound.CheckAfter(damage).Select(breach => breach.Rule).ShouldContain(rule);
    }

    [SqliteTheory]
    [InlineData("worked-twice-under-one-attempt", 1)]
    [InlineData("worked-without-an-attempt", 9)]
    public void Work_that_the_record_does_not_know_is_named(string rule, int attempt) =>
        sound.CheckWith(effects: [.. sound.Effects, (sound.Succeeded, attempt)]).Select(breach => breach.Rule).ShouldContain(rule);

    [SqliteFact]
    public void A_key_that_was_given_two_jobs_is_named() =>
        sound.CheckWith(promises: [.. sound.Promises, sound.Promises[1] with { Job = sound.Succeeded }]).Select(breach => breach.Rule).ShouldContain("one-key-two-jobs");

    [SqliteFact]
    public void A_damaged_page_is_named() => sound.CheckAfter(null, bytes => bytes.AsSpan(bytes.Length / 2, 8_192).Fill(0x5a)).Select(breach => breach.Rule).ShouldBe(["file-is-corrupt"]);

    [SqliteTheory]
    [InlineData("ignored-conflict", "one-key-two-jobs")]
    [InlineData("lost-release", "job-under-way-without-queue-row")]
    [InlineData("uncounted-attempt", "worked-twice-under-one-attempt")]
    public async Task An_engine_with_a_seeded_bug_is_found_out(string bug, string rule)
    {
        using var data = new DataFolder();
        using var ledger = new Ledger(Path.Combine(data.Root, "ledger"));
        await using (var node = await HostProcess.StartAsync(data, ("HEADWAY_CRASH_BUG", bug)))
        {
            for (var repeat = 0; repeat < 2; repeat++) ledger.Promise(new Promise(await node.AcceptedAsync("doomed", key: "same"), "doomed", "same"));
            // Dead, tried twice under one number, or never to end: whatever the bug makes of it, it has left its first attempt behind.
            await EffectsAsync(data, bug == "lost-release" ? 1 : 2);
            await node.StopAsync();
        }
        Checker.Check(data, ledger).Select(breach => breach.Rule).ShouldContain(rule);
    }

    private static Task EffectsAsync(DataFolder data, int count) => Until.IsSoAsync(() => data.ReadEffects().Count >= count);
}
