-- They are begun with the highest again. Primary key.
DELETE FROM workflow_pins WHERE feature = $1
