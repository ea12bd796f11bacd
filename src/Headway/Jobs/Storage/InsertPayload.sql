-- Appended at the end of the table; the number is the reference.
INSERT INTO payloads (body) VALUES ($1)
