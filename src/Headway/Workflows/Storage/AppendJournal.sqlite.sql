-- One line of a journal. Primary key: what another attempt wrote as this number stays, and this write fails.
INSERT INTO journal (job, number, kind, name, occurrence, fingerprint, outcome, body, child, began, ended, tries, attempt)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
