-- The pools of which something runs: on PostgreSQL along queue_held, on SQLite a scan, which a read may do while others write.
SELECT DISTINCT pool FROM queue WHERE state = 2
