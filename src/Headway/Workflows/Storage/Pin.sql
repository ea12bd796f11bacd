-- From now on workflows of a feature are begun with this version. Primary key.
INSERT INTO workflow_pins (feature, version, actor, pinned) VALUES ($1, $2, $3, $4)
ON CONFLICT (feature) DO UPDATE SET version = excluded.version, actor = excluded.actor, pinned = excluded.pinned
