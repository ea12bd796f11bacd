-- Where an export may end: the last link whose event happened before a time. The primary key, from its end.
SELECT seq FROM audit_chain WHERE event < $1 ORDER BY seq DESC LIMIT 1
