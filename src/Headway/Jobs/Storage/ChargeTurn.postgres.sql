-- Charges lanes; a base never goes back. In a slot that no other transaction holds, or in a new one: nobody waits for another, so there are as many slots as
-- ever wrote at once. Primary key.
WITH asked AS MATERIALIZED (
        SELECT pool, tenant, lane, max(base) AS base, sum(charge)::bigint AS charge
        FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) AS asked (pool, tenant, lane, base, charge) GROUP BY pool, tenant, lane),
    found AS MATERIALIZED (
        SELECT a.pool, a.tenant, a.lane, a.base, a.charge, free.slot FROM asked a LEFT JOIN LATERAL (
            SELECT t.slot FROM turns t WHERE t.pool = a.pool AND t.tenant = a.tenant AND t.lane = a.lane LIMIT 1 FOR UPDATE SKIP LOCKED) AS free ON true),
    kept AS (
        UPDATE turns t SET base = greatest(t.base, f.base), charged = t.charged + f.charge FROM found f
        WHERE t.pool = f.pool AND t.tenant = f.tenant AND t.lane = f.lane AND t.slot = f.slot)
INSERT INTO turns (pool, tenant, lane, slot, base, charged)
SELECT pool, tenant, lane, (random() * 9007199254740992)::bigint, base, charge FROM found WHERE slot IS NULL
