-- How good the data is: the score of every validation, the newest first.
SELECT checked_at, contract, purpose, verdict, quality_score, rows_read, rows_quarantined, reasons
FROM data_quality
ORDER BY checked_at DESC
LIMIT 100
