-- What is chained up to a number. One row.
UPDATE audit_unchained SET after = $1
