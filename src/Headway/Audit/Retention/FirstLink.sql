-- Primary key, from its begin.
SELECT seq FROM audit_chain ORDER BY seq LIMIT 1
