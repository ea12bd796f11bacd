-- What has been over for long. Only in the write that makes a key: so the table, once it has one, is never empty again. All rows, of which there are few.
DELETE FROM api_keys WHERE revoked < $1 OR expires < $1
