-- What went wrong lately: the last failed runs, with the reason.
SELECT started_at, kind, model, run_id, failed_stage, error, summary
FROM runs
WHERE result = 'failed'
ORDER BY started_at DESC
LIMIT 50
