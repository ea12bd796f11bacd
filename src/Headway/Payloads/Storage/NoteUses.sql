-- Added, not set: several processes count the uses of one key.
UPDATE data_keys SET uses = uses + $1 WHERE id = $2 RETURNING uses
