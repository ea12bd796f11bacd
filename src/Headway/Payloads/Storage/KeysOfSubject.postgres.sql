-- As on SQLite. Locked, the oldest first: who is sealing something under one of them has ended when this is answered, and who comes later finds none.
SELECT id FROM data_keys WHERE tenant = $1 AND subject = $2 ORDER BY id FOR UPDATE
