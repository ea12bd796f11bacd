-- A handful of rows.
SELECT feature, version FROM workflow_pins
