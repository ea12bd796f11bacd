-- Lines of journals. Primary key: what another attempt wrote as this number stays, and this write fails.
INSERT INTO journal (job, number, kind, name, occurrence, fingerprint, outcome, body, child, began, ended, tries, attempt)
SELECT job, number, kind, name, occurrence, fingerprint, outcome, body, child, began, ended, tries, attempt
FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bytea[], $7::bigint[], $8::bytea[], $9::uuid[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[])
    AS asked (job, number, kind, name, occurrence, fingerprint, outcome, body, child, began, ended, tries, attempt)
