-- The tenant is asked for too: the id comes from an envelope, and a key of another tenant is as good as none.
SELECT id, subject, generation, wrapped, uses FROM data_keys WHERE id = $1 AND tenant = $2
