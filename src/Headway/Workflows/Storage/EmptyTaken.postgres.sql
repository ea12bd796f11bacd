-- Of what the runs before were sent and got, the keys alone stay, so that it is not taken for new. Primary key prefix.
UPDATE signals SET body = '' WHERE job = $1 AND taken IS NOT NULL
