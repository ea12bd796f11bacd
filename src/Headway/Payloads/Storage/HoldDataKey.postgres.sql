-- Whether a key is still there, and that it stays until this transaction has ended: whoever destroys it waits. Primary key.
SELECT 1 FROM data_keys WHERE id = $1 FOR KEY SHARE
