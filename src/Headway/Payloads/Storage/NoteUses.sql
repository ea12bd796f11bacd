UPDATE data_keys SET uses = uses + $1 WHERE id = $2 RETURNING uses
