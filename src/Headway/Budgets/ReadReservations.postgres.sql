-- What is held for each owner, and for nobody else to change until this transaction has ended. Primary key prefix.
SELECT r.budget, r.nano, asked.ord FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (owner, ord) JOIN reservations r ON r.owner = asked.owner ORDER BY asked.ord, r.budget FOR UPDATE OF r
