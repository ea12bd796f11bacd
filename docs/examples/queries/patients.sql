-- One row for each patient discharged in the last 30 days: the window in which a readmission counts.
SELECT id, age, diagnoses, discharged_on
FROM patients
WHERE discharged_on >= CURRENT_DATE - INTERVAL '30 days'
ORDER BY id;
