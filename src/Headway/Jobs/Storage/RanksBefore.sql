-- Whether a claimable job of the pool ranks equal or higher: the first entry of queue_ready.
SELECT EXISTS (SELECT 1 FROM queue WHERE pool = $1 AND state = 1 AND rank <= $2)
