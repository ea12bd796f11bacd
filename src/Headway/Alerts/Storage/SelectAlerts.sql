-- For a where clause that goes along the primary key, alerts_open or alerts_ended.
SELECT id, kind, what, feature, reason, state, amount, threshold, opened, seen, missed, ended, times, acknowledged, actor, note, accepted, told, told_at FROM alerts
