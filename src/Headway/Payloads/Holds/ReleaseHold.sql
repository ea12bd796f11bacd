-- Primary key.
DELETE FROM legal_holds WHERE tenant = $1 AND subject = $2
