-- Why is this model live: its measures, and what the gates found.
SELECT v.model, v.version, v.r2, v.rmse, g.gate, g.subject, g.outcome, g.value, g.threshold, g.detail
FROM model_versions v
JOIN gate_verdicts g ON g.run_id = v.run_id
WHERE v.state = 'live'
ORDER BY v.model, g.gate, g.attempt, g.subject
