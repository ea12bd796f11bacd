-- Primary key.
SELECT failures, held, disabled, print FROM endpoints WHERE name = $1
