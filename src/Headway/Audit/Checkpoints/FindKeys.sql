-- All keys, the newest first; there are few. Primary key.
SELECT id, chain, public, sealed FROM audit_keys ORDER BY created DESC, id DESC
