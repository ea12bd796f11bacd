-- With the record of their job. Primary key prefix.
DELETE FROM model_calls WHERE job = $1
