-- Primary key.
SELECT fingerprint, owner, until, after, done, report FROM replays WHERE tenant = $1 AND key = $2
