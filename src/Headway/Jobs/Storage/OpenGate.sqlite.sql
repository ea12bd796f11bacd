-- Its tenant has no limits any more: it is claimed like all else from now on. Primary key.
UPDATE queue SET gate = NULL WHERE job = $1
