-- What can be claimed, or (with a lease) is claimed from the start. Those of one tenant, pool and lane take their turns one after the other, from the pool's
-- time or from the end of what is charged to the tenant, and are charged together, as in ReadTurn and ChargeTurn: a trip for each would cost more than the
-- rest. They are numbered, and where each starts is found by number: to join all with all would cost the square. Primary keys of pools and turns.
WITH asked AS MATERIALIZED (
        SELECT *, dense_rank() OVER (PARTITION BY charge > 0 ORDER BY pool, tenant, lane) AS flow FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
            $10::text[], $11::bytea[], $12::bigint[], $13::text[], $14::text[], $15::text[], $16::bigint[], $17::bigint[]) WITH ORDINALITY
            AS asked (job, pool, state, behind, due, deadline, lease, attempt, started, why, cache_input, cache_anew, gate, pulled, tenant, lane, charge, ord)),
    flows AS MATERIALIZED (
        SELECT a.flow, a.pool, a.tenant, a.lane, a.charge, CASE WHEN p.id IS NOT NULL THEN greatest(p.turn, above.finish) END AS start, above.charged, free.slot
        FROM (SELECT flow, pool, tenant, lane, sum(charge)::bigint AS charge FROM asked WHERE charge > 0 GROUP BY flow, pool, tenant, lane) a
        LEFT JOIN pools p ON p.id = a.pool
        CROSS JOIN LATERAL (
            SELECT max(l.base + l.charged)::bigint AS finish, coalesce(sum(l.own), 0)::bigint AS charged FROM (
                SELECT max(t.base) AS base, sum(t.charged) AS own, sum(sum(t.charged)) OVER (ORDER BY t.lane DESC) AS charged
                FROM turns t WHERE t.pool = a.pool AND t.tenant = a.tenant AND t.lane >= a.lane GROUP BY t.lane) AS l) AS above
        LEFT JOIN LATERAL (
            SELECT t.slot FROM turns t WHERE t.pool = a.pool AND t.tenant = a.tenant AND t.lane = a.lane LIMIT 1 FOR UPDATE SKIP LOCKED) AS free ON true),
    kept AS (
        UPDATE turns t SET base = greatest(t.base, f.start - f.charged), charged = t.charged + f.charge FROM flows f
        WHERE t.pool = f.pool AND t.tenant = f.tenant AND t.lane = f.lane AND t.slot = f.slot AND f.start IS NOT NULL),
    made AS (
        INSERT INTO turns (pool, tenant, lane, slot, base, charged)
        SELECT pool, tenant, lane, (random() * 9007199254740992)::bigint, start - charged, charge FROM flows WHERE slot IS NULL AND start IS NOT NULL)
INSERT INTO queue (job, pool, state, rank, due, deadline, lease, attempt, started, why, cache_input, cache_anew, gate, tenant)
SELECT a.job, a.pool, a.state,
    CASE WHEN a.charge > 0 THEN coalesce((SELECT array_agg(f.start ORDER BY f.flow) FROM flows f)[a.flow], 0) + sum(a.charge) OVER (PARTITION BY a.pool, a.tenant, a.lane ORDER BY a.ord) - a.charge ELSE 0 END::bigint + a.behind,
    a.due, a.deadline, a.lease, a.attempt, a.started, a.why, a.cache_input, a.cache_anew, a.gate, a.pulled
FROM asked a
