-- Spent, released, and how much of what was spent is not known to be: summed up for each budget, and in the order in which LockBudgets locks them.
WITH asked AS (SELECT id, sum(spent) AS spent, sum(released) AS released, sum(unknown) AS unknown
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS each (spent, released, unknown, id) GROUP BY id),
    locked AS MATERIALIZED (SELECT b.id, a.spent, a.released, a.unknown FROM budgets b JOIN asked a USING (id) ORDER BY b.scope, b.period FOR NO KEY UPDATE OF b)
UPDATE budgets b SET spent = b.spent + l.spent, reserved = b.reserved - l.released, maybe_paid = b.maybe_paid + l.unknown FROM locked l WHERE b.id = l.id
