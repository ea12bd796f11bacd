-- Numbers rise with age, so the primary key finds the oldest; gaps only make the bound tighter.
DELETE FROM cached_answers WHERE id <= $1
