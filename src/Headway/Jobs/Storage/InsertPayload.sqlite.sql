-- Appended at the end of the table; the number is the reference, and was given out by the writer.
INSERT INTO payloads (id, body) VALUES ($1, $2)
