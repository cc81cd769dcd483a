-- The newest scores that the live version of each model has given.
SELECT
    p.customer_id,
    p.engagement_score_pred,
    p.confidence,
    p.engagement_tier,
    p.churn_probability,
    p.churn_risk_tier,
    p.model_version,
    p.scored_at,
    p.run_id,
    p.model,
    p.scored_on
FROM predictions p
JOIN (
    SELECT s.model, s.model_version, max(s.scored_on) AS newest_day
    FROM predictions s
    JOIN model_versions v ON v.model = s.model AND v.version = s.model_version
    WHERE v.state = 'live'
    GROUP BY s.model, s.model_version
) newest
    ON newest.model = p.model
    AND newest.model_version = p.model_version
    AND newest.newest_day = p.scored_on
