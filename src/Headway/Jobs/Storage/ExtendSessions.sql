-- Leases of workers, after a time in which there was nobody to renew them. Leases are few: a scan.
UPDATE leases SET expires = $1 WHERE pools IS NOT NULL AND expires < $1
