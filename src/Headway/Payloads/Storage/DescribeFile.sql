-- With the last chunk: a row without a description is an upload that never ended.
UPDATE files SET description = $1 WHERE job = $2 AND number = $3
