-- What the next run of a workflow begins with. Primary key.
UPDATE jobs SET input = $1, input_type = NULL WHERE id = $2
