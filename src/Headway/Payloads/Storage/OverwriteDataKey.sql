-- Before its row goes: a page of a file keeps what is only deleted in it. Primary key.
UPDATE data_keys SET wrapped = $1 WHERE id = $2
