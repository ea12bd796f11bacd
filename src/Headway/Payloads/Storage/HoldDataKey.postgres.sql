-- Which keys are still there, and that they stay until this transaction has ended: whoever destroys one waits. Primary key.
SELECT 1, asked.ord FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (id, ord) JOIN data_keys k ON k.id = asked.id FOR KEY SHARE OF k
