-- A key is another now: nodes that look read them all again. Primary key.
UPDATE api_key_changes SET number = number + 1 WHERE id = 1
