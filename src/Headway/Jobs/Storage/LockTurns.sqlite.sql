-- There is one writer: nobody who has read turns is under way.
SELECT 1
