-- A handful of rows: replays of many are made by people.
DELETE FROM replays WHERE expires < $1
