-- Which rows were put aside, and why: the most frequent reasons.
SELECT reasons, count(*) AS put_aside, max(checked_at) AS last_seen
FROM quarantine
GROUP BY reasons
ORDER BY put_aside DESC
LIMIT 50
