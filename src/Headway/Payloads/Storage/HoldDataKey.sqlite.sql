-- Whether a key is still there. Primary key. There is one writer: it stays until this transaction has ended.
SELECT 1 FROM data_keys WHERE id = $1
