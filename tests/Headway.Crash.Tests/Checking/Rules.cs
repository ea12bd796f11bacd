namespace Headway.Crash.Tests.Checking;

/// <summary>
/// The invariants of durability as queries over the schema, written from the design and not from the engine's own statements. Beside the
/// tables of the node there are `promised`, `cancelled` and `effects`: what the tester saw from outside.
/// </summary>
internal static class Rules
{
    // Numbers of the schema: modes 0 sync, 1 stream, 2 async, 3 hybrid; states 0 under way, 5 succeeded, 6 failed, 7 dead, 8 cancelled.
    public static readonly IReadOnlyList<Rule> All =
    [
        new("promised-job-is-missing", "SELECT p.job, p.feature FROM promised p LEFT JOIN jobs j ON j.id = p.id WHERE j.id IS NULL"),
        new("job-never-ended", "SELECT hex(id), 'state ' || state FROM jobs WHERE state = 0"),
        new("end-without-time", "SELECT hex(id), 'state ' || state FROM jobs WHERE state <> 0 AND (finished IS NULL OR finished < created OR started > finished)"),
        new("cancelled-did-not-stay", "SELECT c.job, 'state ' || j.state FROM cancelled c JOIN jobs j ON j.id = c.id WHERE j.state <> 8"),

        new("queue-row-without-job-under-way", "SELECT hex(q.job), 'state ' || coalesce(j.state, 'none') FROM queue q LEFT JOIN jobs j ON j.id = q.job WHERE j.state IS NOT 0"),
        new("job-under-way-without-queue-row", "SELECT hex(j.id), '' FROM jobs j LEFT JOIN queue q ON q.job = j.id WHERE j.state = 0 AND q.job IS NULL"),
        new("held-under-a-dead-lease", "SELECT hex(q.job), 'lease ' || q.lease FROM queue q LEFT JOIN leases l ON l.id = q.lease WHERE q.state = 2 AND l.id IS NULL"),
        new("lease-outlived-its-node", "SELECT '', 'lease ' || id || ' of ' || node FROM leases WHERE pools IS NULL AND expires > strftime('%s', 'now') * 1000"),

        new("success-without-result", "SELECT hex(j.id), 'payload ' || coalesce(j.result, 'none') FROM jobs j LEFT JOIN payloads p ON p.id = j.result WHERE j.state = 5 AND p.id IS NULL"),
        new("result-without-success", "SELECT hex(id), 'state ' || state FROM jobs WHERE state <> 5 AND result IS NOT NULL"),
        new("failure-without-code", "SELECT hex(id), 'state ' || state FROM jobs WHERE state IN (6, 7, 8) AND error_code IS NULL"),
        new("success-with-code", "SELECT hex(id), error_code FROM jobs WHERE state = 5 AND error_code IS NOT NULL"),
        new("input-is-missing", "SELECT hex(j.id), '' FROM jobs j LEFT JOIN payloads p ON p.id = j.input WHERE j.mode <> 0 AND p.id IS NULL"),
        new("payload-is-shared", "SELECT hex(max(id)), 'payload ' || payload FROM (SELECT id, input AS payload FROM jobs UNION ALL SELECT id, result FROM jobs) WHERE payload IS NOT NULL GROUP BY payload HAVING count(*) > 1"),
        new("payload-of-nobody", "SELECT '', 'payload ' || p.id FROM payloads p WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.input = p.id OR j.result = p.id)"),

        .. Audited,
        .. Attempted,
        .. Shown,
        .. Delivered,
    ];

    // States of a delivery: 0 pending, 1 delivered, 2 given up. Nothing is replayed here, so a job ends once.
    private static IReadOnlyList<Rule> Delivered =>
    [
        new("end-not-in-the-outbox-once", "SELECT hex(j.id), count(d.id) || ' deliveries' FROM jobs j LEFT JOIN deliveries d ON d.job = j.id WHERE j.endpoint IS NOT NULL AND j.state IN (5, 7, 8) GROUP BY j.id HAVING count(d.id) <> 1"),
        new("delivery-of-no-end", "SELECT hex(d.job), d.event FROM deliveries d LEFT JOIN jobs j ON j.id = d.job WHERE d.job IS NOT NULL AND (j.id IS NULL OR j.state = 0 OR j.endpoint IS NULL)"),
        new("delivery-tells-another-end", "SELECT hex(j.id), 'state ' || j.state || ' as ' || d.event FROM deliveries d JOIN jobs j ON j.id = d.job WHERE d.event <> CASE j.state WHEN 5 THEN 'job.succeeded' WHEN 7 THEN 'job.dead' ELSE 'job.cancelled' END"),
        new("delivery-not-audited-once", """
            SELECT hex(d.job), 'state ' || d.state || ', ' || count(a.id) || ' told' FROM deliveries d LEFT JOIN audit_events a ON a.job = d.job AND a.action = 'delivered' AND a.purpose = 'webhook'
            WHERE d.job IS NOT NULL GROUP BY d.id HAVING count(a.id) <> (d.state = 1)
            """),
        new("delivered-by-no-attempt", "SELECT hex(d.job), '' FROM deliveries d WHERE d.state = 1 AND (SELECT count(*) FROM delivery_attempts t WHERE t.delivery = d.id AND t.outcome = 'delivered') <> 1"),
        new("delivery-attempts-miscounted", "SELECT hex(d.job), d.attempts || ' counted, ' || count(t.number) || ' recorded' FROM deliveries d LEFT JOIN delivery_attempts t ON t.delivery = d.id GROUP BY d.id HAVING count(t.number) <> d.attempts - (d.claimed IS NOT NULL)"),
    ];

    private static IReadOnlyList<Rule> Audited =>
    [
        new("submitted-not-once", "SELECT hex(j.id), count(a.id) || ' times' FROM jobs j LEFT JOIN audit_events a ON a.job = j.id AND a.action = 'submitted' WHERE j.mode IN (2, 3) GROUP BY j.id HAVING count(a.id) <> 1"),
        new("end-not-audited-once", """
            SELECT hex(j.id), 'state ' || j.state || ', ' || count(a.id) || ' ends' FROM jobs j
            LEFT JOIN audit_events a ON a.job = j.id AND a.action IN ('completed', 'died', 'cancelled', 'served', 'failed', 'abandoned')
            WHERE j.state <> 0 GROUP BY j.id HAVING count(a.id) <> 1
            """),
        new("audit-tells-another-end", """
            SELECT hex(j.id), 'state ' || j.state || ' told as ' || a.action FROM jobs j JOIN audit_events a ON a.job = j.id
            WHERE a.action IN ('completed', 'died', 'cancelled', 'served', 'failed', 'abandoned') AND a.action <> CASE
                WHEN j.state = 5 THEN iif(j.mode IN (2, 3), 'completed', 'served')
                WHEN j.state = 6 THEN 'failed' WHEN j.state = 7 THEN 'died'
                WHEN j.error_code = 'abandoned' THEN 'abandoned' ELSE 'cancelled' END
            """),
        new("end-told-before-start", """
            SELECT hex(a.job), a.action FROM audit_events a WHERE a.action IN ('completed', 'died', 'cancelled')
            AND EXISTS (SELECT 1 FROM audit_events b WHERE b.job = a.job AND b.id > a.id AND b.action IN ('submitted', 'started'))
            """),
        new("opened-not-once", """
            SELECT hex(j.id), count(a.id) || ' times' FROM jobs j JOIN definitions d ON d.id = j.definition AND d.data >= 2
            LEFT JOIN audit_events a ON a.job = j.id AND a.action = 'opened' WHERE j.mode IN (0, 1) GROUP BY j.id HAVING count(a.id) <> 1
            """),
        new("audit-of-no-job", "SELECT hex(a.job), a.action FROM audit_events a LEFT JOIN jobs j ON j.id = a.job WHERE j.id IS NULL AND a.action <> 'refused'"),
    ];

    private static IReadOnlyList<Rule> Attempted =>
    [
        new("start-not-audited", """
            SELECT hex(j.id), j.attempt || ' attempts, ' || count(a.id) || ' started' FROM jobs j
            LEFT JOIN audit_events a ON a.job = j.id AND a.action = 'started' WHERE j.mode IN (2, 3) GROUP BY j.id HAVING count(a.id) <> j.attempt
            """),
        new("attempt-beyond-the-count", "SELECT hex(a.job), a.number || ' of ' || j.attempt FROM attempts a JOIN jobs j ON j.id = a.job WHERE a.number NOT BETWEEN 1 AND j.attempt"),
        new("attempt-without-record", """
            SELECT hex(j.id), j.attempt || ' attempts, ' || count(a.number) || ' recorded' FROM jobs j LEFT JOIN attempts a ON a.job = j.id
            WHERE j.mode IN (2, 3) AND j.state IN (5, 7) GROUP BY j.id HAVING count(a.number) <> j.attempt - (j.state = 5)
            """),
        new("failures-miscounted", """
            SELECT hex(j.id), j.failures || ' counted, ' || count(a.number) || ' recorded' FROM jobs j
            LEFT JOIN attempts a ON a.job = j.id AND a.outcome = 'failed' WHERE j.mode IN (2, 3) GROUP BY j.id HAVING count(a.number) <> j.failures
            """),
        new("too-many-failures", "SELECT hex(job), count(*) || ' failures' FROM attempts WHERE outcome = 'failed' GROUP BY job HAVING count(*) > 4"),
        new("too-many-crashes", "SELECT hex(job), count(*) || ' crashes' FROM attempts WHERE outcome = 'crashed' GROUP BY job HAVING count(*) > 3"),
        new("died-for-no-reason", """
            SELECT hex(j.id), d.feature || ' died of ' || j.error_code FROM jobs j JOIN definitions d ON d.id = j.definition WHERE j.state = 7 AND NOT
            CASE j.error_code WHEN 'poison' THEN (SELECT count(*) FROM attempts a WHERE a.job = j.id AND a.outcome = 'crashed') = 3 ELSE d.feature = 'doomed' AND j.error_code = 'doomed' AND j.failures = 2 END
            """),
        new("unexpected-end", "SELECT p.job, p.feature || ' succeeded' FROM promised p JOIN jobs j ON j.id = p.id WHERE j.state = 5 AND p.feature = 'doomed'"),
        new("worked-twice-under-one-attempt", "SELECT job, 'attempt ' || attempt FROM effects GROUP BY job, attempt HAVING count(*) > 1"),
        new("worked-without-an-attempt", "SELECT e.job, 'attempt ' || e.attempt || ' of ' || j.attempt FROM effects e JOIN jobs j ON j.id = e.id WHERE e.attempt NOT BETWEEN 1 AND j.attempt"),
        new("worked-for-no-job", "SELECT e.job, 'attempt ' || e.attempt FROM effects e LEFT JOIN jobs j ON j.id = e.id WHERE j.id IS NULL"),
        new("succeeded-without-work", "SELECT hex(j.id), 'attempt ' || j.attempt FROM jobs j WHERE j.state = 5 AND NOT EXISTS (SELECT 1 FROM effects e WHERE e.id = j.id AND e.attempt = j.attempt)"),
    ];

    private static IReadOnlyList<Rule> Shown =>
    [
        new("one-key-two-jobs", "SELECT min(job), feature || ' ' || key FROM promised WHERE key IS NOT NULL GROUP BY feature, key HAVING count(DISTINCT job) > 1"),
        new("key-not-kept-once", """
            SELECT p.job, p.key || ': ' || count(i.job) || ' rows' FROM (SELECT DISTINCT job, id, key FROM promised WHERE key IS NOT NULL) p
            LEFT JOIN idempotency i ON i.job = p.id GROUP BY p.job HAVING count(i.job) <> 1
            """),
        new("key-of-no-job", "SELECT hex(i.job), '' FROM idempotency i LEFT JOIN jobs j ON j.id = i.job WHERE j.id IS NULL"),
        new("log-of-no-job", "SELECT hex(s.job), 'from ' || s.first FROM stream_log s LEFT JOIN jobs j ON j.id = s.job WHERE j.id IS NULL"),
        new("log-row-is-backwards", "SELECT hex(job), first || ' to ' || last FROM stream_log WHERE last < first"),
        // Ids are attempt x 1,000,000 + n: they follow each other without a gap inside an attempt, and an attempt begins at 0 (restart) or 1.
        new("log-has-gap-or-overlap", """
            SELECT hex(job), 'row ' || first || ' after ' || coalesce(before, 'nothing') FROM
            (SELECT job, first, lag(last) OVER (PARTITION BY job ORDER BY first) AS before FROM stream_log)
            WHERE NOT coalesce(first = before + 1, 0) AND NOT (first % 1000000 <= 1 AND first / 1000000 > coalesce(before, 0) / 1000000)
            """),
        new("log-beyond-the-attempts", "SELECT hex(s.job), s.last || ' in ' || j.attempt || ' attempts' FROM stream_log s JOIN jobs j ON j.id = s.job WHERE s.last / 1000000 NOT BETWEEN 1 AND j.attempt"),
        new("log-ends-elsewhere", """
            SELECT hex(j.id), j.last_event || ' told, ' || coalesce(max(s.last), 'nothing') || ' logged' FROM jobs j LEFT JOIN stream_log s ON s.job = j.id
            WHERE j.state = 5 AND j.last_event IS NOT NULL GROUP BY j.id HAVING max(s.last) IS NOT j.last_event
            """),
        new("journal-has-gap", "SELECT hex(job), count(*) || ' lines up to ' || max(number) FROM journal GROUP BY job HAVING count(*) <> max(number)"),
        new("journaled-twice", "SELECT hex(job), name || ' ' || occurrence FROM journal GROUP BY job, name, occurrence HAVING count(*) > 1"),
        new("journal-of-no-job", "SELECT hex(l.job), l.name FROM journal l LEFT JOIN jobs j ON j.id = l.job WHERE j.id IS NULL"),
        new("journal-beyond-the-attempts", "SELECT hex(l.job), l.attempt || ' of ' || j.attempt FROM journal l JOIN jobs j ON j.id = l.job WHERE l.attempt NOT BETWEEN 1 AND j.attempt"),
        new("child-without-parent", "SELECT hex(c.id), '' FROM jobs c LEFT JOIN jobs p ON p.id = c.parent WHERE c.parent IS NOT NULL AND p.id IS NULL"),
        new("child-twice", "SELECT hex(parent), count(*) || ' children' FROM jobs WHERE parent IS NOT NULL GROUP BY parent HAVING count(*) <> (SELECT count(*) FROM journal l WHERE l.job = parent AND l.child IS NOT NULL)"),
        new("signal-taken-without-a-line", """
            SELECT hex(s.job), s.name FROM signals s WHERE s.taken IS NOT NULL AND NOT EXISTS (SELECT 1 FROM journal l WHERE l.job = s.job AND l.name = s.name AND l.kind IN (2, 3))
            """),
        new("waits-after-its-end", "SELECT hex(w.job), w.name FROM waits w JOIN jobs j ON j.id = w.job WHERE j.state = 5"),
        new("stream-succeeded-without-log", "SELECT hex(j.id), '' FROM jobs j WHERE j.mode = 1 AND j.state = 5 AND NOT EXISTS (SELECT 1 FROM stream_log s WHERE s.job = j.id)"),
    ];
}
