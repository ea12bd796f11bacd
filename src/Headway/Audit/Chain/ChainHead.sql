-- The last link; where all are dropped, the end of the segment they lay in. The primary keys of both, from their ends.
SELECT seq, hash FROM (SELECT * FROM (SELECT seq, hash FROM audit_chain ORDER BY seq DESC LIMIT 1) AS link
UNION ALL SELECT * FROM (SELECT last, hash FROM audit_segments ORDER BY last DESC LIMIT 1) AS segment) AS ends ORDER BY seq DESC LIMIT 1
