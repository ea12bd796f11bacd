-- Primary key.
SELECT 1 FROM legal_holds WHERE tenant = $1 AND subject = $2
